package dev.sluice.tools.submit;

import java.util.Map;

/**
 * What the command line says about all requests. An empty string means "not said".
 *
 * @param idPrefix goes before every generated request id
 * @param deadline a duration such as {@code 30s}, or an instant in ISO form
 */
record RequestDefaults(
    String idPrefix,
    String model,
    String modelVersion,
    String deadline,
    Map<String, String> parameters,
    Map<String, String> metadata) {

  RequestDefaults {
    parameters = Map.copyOf(parameters);
    metadata = Map.copyOf(metadata);
  }
}

package dev.sluice.tools.submit;

import java.util.Map;

/**
 * One request before its image is read. An empty string means "as the command line says".
 *
 * @param where where the user named it, for error messages: the argument, or file and line
 * @param deadline a duration such as {@code 30s}, or an instant in ISO form
 */
record Draft(
    String where,
    ImageReference image,
    String requestId,
    String model,
    String modelVersion,
    String sha256,
    String deadline,
    Map<String, String> parameters,
    Map<String, String> metadata) {

  Draft {
    parameters = Map.copyOf(parameters);
    metadata = Map.copyOf(metadata);
  }

  /** A draft that leaves everything but the image to the command line. */
  static Draft of(String where, ImageReference image) {
    return new Draft(where, image, "", "", "", "", "", Map.of(), Map.of());
  }
}

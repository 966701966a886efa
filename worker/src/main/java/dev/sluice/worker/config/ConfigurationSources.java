package dev.sluice.worker.config;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Where a configuration is read from; later wins: defaults, files, environment, overrides.
 *
 * @param files YAML files, the later the stronger; may be empty
 * @param environment all environment variables; those that begin with SLUICE_ count
 * @param overrides {@code key=value} from the command line, the later the stronger
 * @param defaultWorkerId the worker's name when nobody gives one
 */
public record ConfigurationSources(
    List<Path> files,
    Map<String, String> environment,
    List<String> overrides,
    String defaultWorkerId) {
  public ConfigurationSources {
    files = List.copyOf(files);
    environment = Map.copyOf(environment);
    overrides = List.copyOf(overrides);
    requireNonNull(defaultWorkerId, "defaultWorkerId is null");
  }
}

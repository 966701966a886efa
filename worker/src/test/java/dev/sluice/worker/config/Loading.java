package dev.sluice.worker.config;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Loads configurations that a test spells out. */
final class Loading {
  private Loading() {}

  static WorkerConfiguration withOverrides(String... overrides) {
    return valid(new ConfigurationSources(List.of(), Map.of(), List.of(overrides), "test-worker"));
  }

  static WorkerConfiguration valid(ConfigurationSources sources) {
    try {
      return ConfigurationLoader.load(sources);
    } catch (ConfigurationException e) {
      throw new AssertionError(e);
    }
  }

  static List<String> problems(ConfigurationSources sources) {
    ConfigurationException refused =
        catchThrowableOfType(ConfigurationException.class, () -> ConfigurationLoader.load(sources));
    if (refused == null) {
      throw new AssertionError("was not refused");
    }
    return refused.problems().stream().map(Problem::message).toList();
  }

  static List<String> problemsOf(String... overrides) {
    return problems(
        new ConfigurationSources(List.of(), Map.of(), List.of(overrides), "test-worker"));
  }

  static ConfigurationSources file(Path file) {
    return new ConfigurationSources(List.of(file), Map.of(), List.of(), "test-worker");
  }

  static Path write(Path file, String yaml) {
    try {
      return Files.writeString(file, yaml);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

package dev.sluice.worker.inference;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * What a model's model.yaml says. Immutable; every value has been read and is of its key's type.
 */
final class ModelSettings {
  static final String FILE_NAME = "model.yaml";

  private final Path file;
  private final Map<ModelKey<?>, Object> values;

  private ModelSettings(Path file, Map<ModelKey<?>, Object> values) {
    this.file = file;
    this.values = Map.copyOf(values);
  }

  /**
   * Reads {@code model.yaml} in a model's folder; says nothing at all when there is none.
   *
   * @throws ModelConfigurationException with everything that is wrong in the file
   */
  static ModelSettings read(Path modelFolder) {
    Path file = modelFolder.resolve(FILE_NAME);
    if (Files.notExists(file)) {
      return new ModelSettings(file, Map.of());
    }
    List<String> names = ModelKey.all().stream().map(ModelKey::text).toList();
    Map<ModelKey<?>, Object> values = new HashMap<>();
    List<String> problems = new ArrayList<>();
    parse(file)
        .forEach((name, value) -> {
          try {
            ModelKey<?> key =
                ModelKey.all().stream()
                    .filter(candidate -> candidate.text().equals(String.valueOf(name)))
                    .findFirst()
                    .orElseThrow(() -> YamlValue.unknown(String.valueOf(name), names, FILE_NAME));
            if (value == null) {
              throw new IllegalArgumentException("has no value");
            }
            values.put(key, key.read(value, modelFolder));
          } catch (IllegalArgumentException problem) {
            problems.add(file + ": " + name + ": " + problem.getMessage());
          }
        });
    if (!problems.isEmpty()) {
      throw new ModelConfigurationException(problems);
    }
    return new ModelSettings(file, values);
  }

  /** The file, whether it exists or not. */
  Path file() {
    return file;
  }

  /** What the file says for the key, if it says anything. */
  @SuppressWarnings("unchecked") // Only the key's own reader puts values under it.
  <T> Optional<T> get(ModelKey<T> key) {
    return Optional.ofNullable((T) values.get(key));
  }

  /** What the file says for the key, or this. */
  <T> T get(ModelKey<T> key, T otherwise) {
    return get(key).orElse(otherwise);
  }

  /**
   * Refuses keys that mean nothing for a model with this task: whoever wrote them expects something
   * that will not happen.
   */
  void requireApplicable(TaskName task) {
    List<String> problems =
        ModelKey.all().stream()
            .filter(key -> values.containsKey(key) && !key.appliesTo(task))
            .map(key -> "%s: %s: has no meaning for task %s".formatted(file, key, task))
            .toList();
    if (!problems.isEmpty()) {
      throw new ModelConfigurationException(problems);
    }
  }

  private static Map<?, ?> parse(Path file) {
    LoaderOptions options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    try {
      Object root = new Yaml(new SafeConstructor(options)).load(Files.readString(file));
      return switch (root) {
        case null -> Map.of();
        case Map<?, ?> map -> map;
        default ->
            throw new ModelConfigurationException(
                file, "expected keys and values, found " + root.getClass().getSimpleName());
      };
    } catch (YAMLException unreadable) {
      throw new ModelConfigurationException(
          file, "not readable as YAML: " + unreadable.getMessage(), unreadable);
    } catch (IOException unreadable) {
      throw new ModelConfigurationException(file, "cannot be read: " + unreadable, unreadable);
    }
  }
}

package dev.sluice.worker.inference;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/**
 * What {@code simulated} in model.yaml says: how long the simulated device takes.
 *
 * @param batch for each call, whatever its size
 * @param item for each image of a call, besides
 * @param control where faults are asked for
 */
record SimulatedSettings(Duration batch, Duration item, Control control) {
  private static final Set<String> KEYS = Set.of("batch", "item", "control");

  /** It answers at once and never fails. */
  static final SimulatedSettings NONE =
      new SimulatedSettings(Duration.ZERO, Duration.ZERO, new Control.Absent());

  /** Where faults are asked for. */
  sealed interface Control {
    /** Nowhere: the device never fails. */
    record Absent() implements Control {}

    /** In a file, which may come later, change and go. */
    record At(Path file) implements Control {
      public At {
        requireNonNull(file, "file is null");
      }
    }
  }

  SimulatedSettings {
    requireNonNull(batch, "batch is null");
    requireNonNull(item, "item is null");
    requireNonNull(control, "control is null");
  }

  /** How long a call takes. */
  SimulatedCost cost() {
    return new SimulatedCost(batch, item);
  }

  /**
   * Reads the value of {@code simulated}.
   *
   * @param folder of model.yaml, where a relative control file is looked for
   * @throws IllegalArgumentException when it cannot; says what was expected and found
   */
  static SimulatedSettings read(Object value, Path folder) {
    if (!(value instanceof Map<?, ?> map)) {
      throw new IllegalArgumentException(
          "expected a map with batch, item and control, not " + value);
    }
    SimulatedSettings settings = NONE;
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      String key = String.valueOf(entry.getKey());
      Object said = entry.getValue() == null ? "nothing" : entry.getValue();
      settings =
          switch (key) {
            case "batch" ->
                new SimulatedSettings(YamlValue.duration(said), settings.item, settings.control);
            case "item" ->
                new SimulatedSettings(settings.batch, YamlValue.duration(said), settings.control);
            case "control" ->
                new SimulatedSettings(
                    settings.batch,
                    settings.item,
                    new Control.At(folder.resolve(YamlValue.text(said))));
            default -> throw YamlValue.unknown(key, KEYS, ModelKey.SIMULATED.text());
          };
    }
    return settings;
  }
}

package dev.sluice.worker.inference;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * What the control file of a simulated device asks for. docs/models.md describes its keys.
 *
 * @param cost how long a call takes, if not what model.yaml says
 * @param slow how much longer each call takes
 * @param errorCalls how many of the next calls fail
 * @param poison calls with an image of one of these colours fail
 * @param maxBatch calls with more images run out of memory
 * @param wedge how long a wedged call hangs
 * @param wedgeCalls how many of the next calls hang for that long
 * @param gone whether the device is gone, for good
 */
record SimulatedFaults(
    SimulatedCost cost,
    Duration slow,
    int errorCalls,
    Set<String> poison,
    int maxBatch,
    Duration wedge,
    int wedgeCalls,
    boolean gone) {
  private static final Set<String> KEYS =
      Set.of(
          "batch",
          "item",
          "slow",
          "error_calls",
          "poison",
          "max_batch",
          "wedge",
          "wedge_calls",
          "gone");

  SimulatedFaults {
    requireNonNull(cost, "cost is null");
    requireNonNull(slow, "slow is null");
    poison = Set.copyOf(poison);
    requireNonNull(wedge, "wedge is null");
  }

  /** Nothing is asked for. */
  static SimulatedFaults none(SimulatedCost usual) {
    return read("", usual);
  }

  /**
   * Reads the text of a control file.
   *
   * @param usual how long a call takes where the file does not say
   * @throws IllegalArgumentException when it cannot; says what was expected and found
   */
  static SimulatedFaults read(String text, SimulatedCost usual) {
    Map<?, ?> values = parse(text);
    for (Object key : values.keySet()) {
      if (!KEYS.contains(String.valueOf(key))) {
        throw YamlValue.unknown(String.valueOf(key), KEYS, "the control file");
      }
    }
    Duration wedge = value(values, "wedge", Duration.ZERO, YamlValue::duration);
    return new SimulatedFaults(
        new SimulatedCost(
            value(values, "batch", usual.batch(), YamlValue::duration),
            value(values, "item", usual.item(), YamlValue::duration)),
        value(values, "slow", Duration.ZERO, YamlValue::duration),
        value(values, "error_calls", 0, SimulatedFaults::count),
        value(values, "poison", Set.of(), SimulatedFaults::colors),
        value(values, "max_batch", Integer.MAX_VALUE, SimulatedFaults::count),
        wedge,
        value(values, "wedge_calls", wedge.isZero() ? 0 : 1, SimulatedFaults::count),
        value(values, "gone", false, SimulatedFaults::truth));
  }

  private static Map<?, ?> parse(String text) {
    LoaderOptions options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    try {
      return switch (new Yaml(new SafeConstructor(options)).<Object>load(text)) {
        case null -> Map.of();
        case Map<?, ?> map -> map;
        case Object other ->
            throw new IllegalArgumentException(
                "expected keys and values, found " + other.getClass().getSimpleName());
      };
    } catch (YAMLException unreadable) {
      throw new IllegalArgumentException(
          "not readable as YAML: " + unreadable.getMessage(), unreadable);
    }
  }

  private static <T> T value(
      Map<?, ?> values, String key, T otherwise, Function<Object, T> reader) {
    Object value = values.get(key);
    if (value == null) {
      return otherwise;
    }
    try {
      return reader.apply(value);
    } catch (IllegalArgumentException wrong) {
      throw new IllegalArgumentException(key + ": " + wrong.getMessage(), wrong);
    }
  }

  private static int count(Object value) {
    return YamlValue.integer(value, 0, Integer.MAX_VALUE);
  }

  private static Set<String> colors(Object value) {
    List<?> said = value instanceof List<?> list ? list : List.of(value);
    for (Object color : said) {
      if (!SimulatedGraph.COLORS.contains(String.valueOf(color))) {
        throw new IllegalArgumentException(
            "expected some of " + SimulatedGraph.COLORS + ", not " + color);
      }
    }
    return Set.copyOf(said.stream().map(String::valueOf).toList());
  }

  private static boolean truth(Object value) {
    if (value instanceof Boolean truth) {
      return truth;
    }
    throw new IllegalArgumentException("expected true or false, not " + value);
  }
}

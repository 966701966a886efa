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
 * @param slow how much longer each call takes
 * @param errorCalls how many of the next calls fail
 * @param poison calls with an image of one of these colours fail
 * @param maxBatch calls with more images run out of memory
 * @param wedge how long a wedged call hangs
 * @param wedgeCalls how many of the next calls hang for that long
 * @param gone whether the device is gone, for good
 */
record SimulatedFaults(
    Duration slow,
    int errorCalls,
    Set<String> poison,
    int maxBatch,
    Duration wedge,
    int wedgeCalls,
    boolean gone) {
  static final SimulatedFaults NONE =
      new SimulatedFaults(Duration.ZERO, 0, Set.of(), Integer.MAX_VALUE, Duration.ZERO, 0, false);

  private static final Set<String> KEYS =
      Set.of("slow", "error_calls", "poison", "max_batch", "wedge", "wedge_calls", "gone");

  SimulatedFaults {
    requireNonNull(slow, "slow is null");
    poison = Set.copyOf(poison);
    requireNonNull(wedge, "wedge is null");
  }

  /**
   * Reads the text of a control file.
   *
   * @throws IllegalArgumentException when it cannot; says what was expected and found
   */
  static SimulatedFaults read(String text) {
    Map<?, ?> values = parse(text);
    for (Object key : values.keySet()) {
      if (!KEYS.contains(String.valueOf(key))) {
        throw YamlValue.unknown(String.valueOf(key), KEYS, "the control file");
      }
    }
    Duration wedge = value(values, "wedge", Duration.ZERO, YamlValue::duration);
    return new SimulatedFaults(
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

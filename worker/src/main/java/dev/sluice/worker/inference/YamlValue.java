package dev.sluice.worker.inference;

import dev.sluice.worker.model.NearestName;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the values of model.yaml. Each method throws IllegalArgumentException that says what was
 * expected and what was found.
 */
final class YamlValue {
  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})\\s*(us|ms|s)");
  private static final Pattern FRACTION =
      Pattern.compile("([0-9.eE+-]{1,30})\\s*/\\s*([0-9.eE+-]{1,30})");

  private static final Map<Resize.Kind, Set<String>> SIZES =
      Map.of(
          Resize.Kind.STRETCH, Set.of("width", "height"),
          Resize.Kind.CENTER_CROP, Set.of("shorter_side", "width", "height"),
          Resize.Kind.LETTERBOX, Set.of("width", "height", "fill"),
          Resize.Kind.WITHIN, Set.of("longer_side", "multiple"));

  /** No decoded image is larger, whatever a model asks for. */
  private static final int LONGEST_SIDE = 16_384;

  private YamlValue() {}

  static String text(Object value) {
    if (value instanceof String text && !text.isBlank()) {
      return text;
    }
    throw expected("text", value);
  }

  static <E extends Enum<E>> E choice(@Nullable Object value, Class<E> choices) {
    List<String> names = Arrays.stream(choices.getEnumConstants()).map(YamlValue::written).toList();
    for (E choice : choices.getEnumConstants()) {
      if (written(choice).equalsIgnoreCase(String.valueOf(value))) {
        return choice;
      }
    }
    throw new IllegalArgumentException(
        "expected one of %s, not %s%s"
            .formatted(
                String.join(", ", names), value, NearestName.hint(String.valueOf(value), names)));
  }

  static int integer(Object value, int least, int most) {
    if (value instanceof Integer number && number >= least && number <= most) {
      return number;
    }
    throw expected("a whole number from " + least + " to " + most, value);
  }

  /** A list of whole numbers, or a single one. */
  static List<Integer> integers(Object value, int least, int most) {
    return value instanceof List<?> list
        ? list.stream().map(each -> integer(each, least, most)).toList()
        : List.of(integer(value, least, most));
  }

  static double number(Object value, double least, double most) {
    if (value instanceof Number number
        && number.doubleValue() >= least
        && number.doubleValue() <= most) {
      return number.doubleValue();
    }
    throw expected("a number from " + least + " to " + most, value);
  }

  /** A number, or two with a slash between them: {@code 1/255}. */
  static double fraction(Object value) {
    if (value instanceof String text) {
      Matcher parts = FRACTION.matcher(text.strip());
      if (parts.matches()) {
        try {
          return finite(Double.parseDouble(parts.group(1)) / Double.parseDouble(parts.group(2)));
        } catch (NumberFormatException notANumber) {
          throw expected("a number or a fraction like 1/255", value);
        }
      }
    }
    if (value instanceof Number number) {
      return finite(number.doubleValue());
    }
    throw expected("a number or a fraction like 1/255", value);
  }

  /** Three numbers, or a single one for all three channels. */
  static List<Double> channels(Object value) {
    if (value instanceof List<?> list && list.size() == 3) {
      return list.stream().map(YamlValue::fraction).toList();
    }
    if (value instanceof Number) {
      double same = fraction(value);
      return List.of(same, same, same);
    }
    throw expected("three numbers, one for each channel, or a single one", value);
  }

  static Duration duration(Object value) {
    if (value.equals(0)) {
      return Duration.ZERO;
    }
    Matcher parts = DURATION.matcher(String.valueOf(value).strip());
    if (!parts.matches()) {
      throw expected("a duration like 5ms, 500us or 1s", value);
    }
    long amount = Long.parseLong(parts.group(1));
    return switch (parts.group(2)) {
      case "us" -> Duration.ofNanos(amount * 1_000);
      case "ms" -> Duration.ofMillis(amount);
      default -> Duration.ofSeconds(amount);
    };
  }

  static Duration positiveDuration(Object value) {
    Duration duration = duration(value);
    if (duration.isZero()) {
      throw expected("a duration above zero", value);
    }
    return duration;
  }

  /** A list of names, or a file beside model.yaml with one on each line. */
  static List<String> labels(Object value, Path folder) {
    if (value instanceof List<?> list && !list.isEmpty()) {
      return list.stream().map(YamlValue::label).toList();
    }
    if (!(value instanceof String name)) {
      throw expected("a list of names, or a file with one on each line", value);
    }
    Path file = folder.resolve(name);
    try {
      List<String> labels =
          Files.readAllLines(file, StandardCharsets.UTF_8).stream().map(String::strip).toList();
      int end = labels.size();
      while (end > 0 && labels.get(end - 1).isEmpty()) {
        end--;
      }
      if (end == 0) {
        throw new IllegalArgumentException("no labels in " + file);
      }
      return labels.subList(0, end);
    } catch (NoSuchFileException missing) {
      throw new IllegalArgumentException("no such file: " + file, missing);
    } catch (CharacterCodingException notText) {
      throw new IllegalArgumentException(file + " is not UTF-8 text", notText);
    } catch (IOException unreadable) {
      throw new IllegalArgumentException("cannot read " + file + ": " + unreadable, unreadable);
    }
  }

  /** The kind alone, or a map of {@code kind} and its sizes. */
  static Resize resize(Object value) {
    if (value instanceof String) {
      return new Resize(choice(value, Resize.Kind.class), Map.of());
    }
    if (!(value instanceof Map<?, ?> map)) {
      throw expected("a map with kind (stretch, center_crop, letterbox or within)", value);
    }
    Resize.Kind kind = choice(map.get("kind"), Resize.Kind.class);
    Set<String> known = SIZES.getOrDefault(kind, Set.of());
    Map<String, Integer> sizes = new HashMap<>();
    map.forEach((key, size) -> {
      String name = String.valueOf(key);
      if (name.equals("kind")) {
        return;
      }
      if (!known.contains(name)) {
        throw unknown(name, known, "kind " + written(kind));
      }
      sizes.put(name, name.equals("fill") ? integer(size, 0, 255) : integer(size, 1, LONGEST_SIDE));
    });
    return new Resize(kind, sizes);
  }

  /** Version numbers by alias. */
  static Map<String, String> aliases(Object value) {
    if (!(value instanceof Map<?, ?> map)) {
      throw expected("a map from alias to version number", value);
    }
    Map<String, String> aliases = new LinkedHashMap<>();
    map.forEach((alias, version) -> {
      if (!(alias instanceof String name) || name.isBlank() || name.matches("\\d+")) {
        throw expected("an alias that is not a number", alias);
      }
      aliases.put(name, String.valueOf(integer(version, 1, Integer.MAX_VALUE)));
    });
    return aliases;
  }

  /** A provider's options, each a name and a plain value. */
  static Map<String, String> options(Object value) {
    if (!(value instanceof Map<?, ?> map)) {
      throw expected("a map from the name of an option to its value", value);
    }
    Map<String, String> options = new LinkedHashMap<>();
    map.forEach((name, option) -> {
      if (option instanceof Map || option instanceof List || option == null) {
        throw expected("a plain value for " + name, option == null ? "nothing" : option);
      }
      // Providers read truth values as 0 and 1.
      String plain = option instanceof Boolean yes ? (yes ? "1" : "0") : String.valueOf(option);
      options.put(String.valueOf(name), plain);
    });
    return options;
  }

  static IllegalArgumentException unknown(String key, Collection<String> known, String where) {
    return new IllegalArgumentException(
        "unknown key %s%s (known to %s: %s)"
            .formatted(
                key,
                NearestName.hint(key, known),
                where,
                String.join(", ", known.stream().sorted().toList())));
  }

  private static String label(Object value) {
    if (value instanceof String || value instanceof Number) {
      return String.valueOf(value);
    }
    throw new IllegalArgumentException(
        "a label is text, not %s; write it in quotes (YAML reads no, yes, on and off as truth values)"
            .formatted(value));
  }

  private static double finite(double number) {
    if (!Double.isFinite(number)) {
      throw new IllegalArgumentException("expected a finite number, not " + number);
    }
    return number;
  }

  /** Layouts and colours are written as they are, everything else in lower case. */
  private static String written(Enum<?> choice) {
    return choice instanceof Normalizer.Layout || choice instanceof Normalizer.ColorOrder
        ? choice.name()
        : choice.name().toLowerCase(Locale.ROOT);
  }

  private static IllegalArgumentException expected(String what, Object found) {
    return new IllegalArgumentException("expected " + what + ", not " + found);
  }
}

package dev.sluice.worker.config;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.joining;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What may stand behind a key.
 *
 * @param name the type's name in the generated page
 * @param allowed what is allowed, for people; ends the sentence "... is not"
 * @param parser makes the value, or throws IllegalArgumentException; its message is not shown
 */
record ValueType<T>(String name, String allowed, Function<RawValue, T> parser) {
  private static final Pattern QUANTITY = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*([a-zA-Z]*)");
  private static final Pattern HOST_AND_PORT =
      Pattern.compile("(\\[[0-9a-fA-F:.]+]|[A-Za-z0-9._-]+):(\\d{1,5})");
  private static final Pattern TOPIC = Pattern.compile("[A-Za-z0-9._-]{1,249}");

  private static final Map<String, Long> BYTES_IN =
      Map.of(
          "",
          1L,
          "B",
          1L,
          "KB",
          1_000L,
          "MB",
          1_000_000L,
          "GB",
          1_000_000_000L,
          "KiB",
          1L << 10,
          "MiB",
          1L << 20,
          "GiB",
          1L << 30);
  private static final Map<String, Long> NANOS_IN =
      Map.of(
          "ns", 1L,
          "us", 1_000L,
          "ms", 1_000_000L,
          "s", 1_000_000_000L,
          "m", 60_000_000_000L,
          "h", 3_600_000_000_000L,
          "d", 86_400_000_000_000L);

  ValueType {
    requireNonNull(name, "name is null");
    requireNonNull(allowed, "allowed is null");
    requireNonNull(parser, "parser is null");
  }

  T parse(RawValue raw) {
    return parser.apply(raw);
  }

  /** Any text, also none. */
  static ValueType<String> text() {
    return scalar("text", "a single text", text -> text);
  }

  static ValueType<String> nonBlankText() {
    return scalar("text", "a text that is not empty", text -> require(text, !text.isBlank()));
  }

  static ValueType<Secret> secret() {
    return scalar("text (secret)", "a single text", Secret::new);
  }

  static ValueType<String> topic() {
    return scalar(
        "topic",
        "a topic name: 1 to 249 letters, digits, '.', '_' and '-'",
        text ->
            require(
                text, TOPIC.matcher(text).matches() && !text.equals(".") && !text.equals("..")));
  }

  static ValueType<String> hostAndPort() {
    return scalar(
        "host:port",
        "host:port",
        text -> {
          Matcher matcher = HOST_AND_PORT.matcher(text);
          return require(text, matcher.matches() && isPort(matcher.group(2)));
        });
  }

  static ValueType<URI> httpUrl() {
    return scalar(
        "URL",
        "an http or https URL with a host",
        text -> {
          URI uri = URI.create(text);
          boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
          return require(uri, http && uri.getHost() != null);
        });
  }

  static ValueType<Boolean> truth() {
    return scalar(
        "boolean",
        "true or false",
        text -> require(text.equals("true"), text.equals("true") || text.equals("false")));
  }

  static ValueType<Integer> number(int least, int most) {
    return scalar(
        "number",
        "a whole number from " + least + " to " + most,
        text -> {
          int number = Integer.parseInt(text.replace("_", ""));
          return require(number, number >= least && number <= most);
        });
  }

  /** A number of threads; "auto" for one on each processor. */
  static ValueType<Integer> threads() {
    ValueType<Integer> number = number(1, 1_024);
    return scalar(
        "threads",
        number.allowed() + ", or auto for the number of processors",
        text ->
            text.equals("auto")
                ? Runtime.getRuntime().availableProcessors()
                : number.parse(new RawValue.Text(text)));
  }

  /** A number of lanes for each model; "auto" leaves it to the device. */
  static ValueType<WorkerConfiguration.Instances> instances() {
    ValueType<Integer> number = number(1, 256);
    return scalar(
        "instances",
        number.allowed() + ", or auto",
        text ->
            text.equals("auto")
                ? new WorkerConfiguration.Instances.Auto()
                : new WorkerConfiguration.Instances.Fixed(number.parse(new RawValue.Text(text))));
  }

  /** The most images in a batch; "auto" leaves it to the device and the model. */
  static ValueType<WorkerConfiguration.MaxBatchSize> maxBatchSize() {
    ValueType<Integer> number = number(1, 4_096);
    return scalar(
        "batch size",
        number.allowed() + ", or auto",
        text ->
            text.equals("auto")
                ? new WorkerConfiguration.MaxBatchSize.Auto()
                : new WorkerConfiguration.MaxBatchSize.Fixed(
                    number.parse(new RawValue.Text(text))));
  }

  static ValueType<Long> size(long least, long most) {
    return scalar(
        "size",
        "a size from " + least + " to " + most + " bytes, such as 512KiB, 32MiB or 1GiB",
        text -> {
          long bytes = quantity(text, BYTES_IN);
          return require(bytes, bytes >= least && bytes <= most);
        });
  }

  static ValueType<Duration> duration(Duration least) {
    return scalar(
        "duration",
        "a duration of at least " + least.toMillis() + "ms, such as 250ms, 10s, 5m, 1h or 1d",
        text -> {
          Duration duration = Duration.ofNanos(quantity(text, NANOS_IN));
          return require(duration, duration.compareTo(least) >= 0);
        });
  }

  static ValueType<Path> path() {
    return scalar(
        "path",
        "a path in the file system",
        text -> {
          try {
            return require(Path.of(text), !text.isBlank());
          } catch (InvalidPathException e) {
            throw new IllegalArgumentException(e);
          }
        });
  }

  /** A text of this form. */
  static ValueType<String> matching(String name, String regex, String allowed) {
    Pattern pattern = Pattern.compile(regex);
    return scalar(name, allowed, text -> require(text, pattern.matcher(text).matches()));
  }

  /** One of a few words: the constants' names in lower case with dashes. */
  static <E extends Enum<E>> ValueType<E> word(Class<E> type) {
    List<E> all = List.of(type.getEnumConstants());
    return scalar(
        "word",
        all.stream().map(ValueType::word).collect(joining(" or ")),
        text ->
            all.stream()
                .filter(constant -> word(constant).equals(text))
                .findFirst()
                .orElseThrow(IllegalArgumentException::new));
  }

  /** This, or an empty text with a meaning of its own. */
  <R> ValueType<R> orWhenEmpty(R whenEmpty, String meaning, Function<T, R> otherwise) {
    return new ValueType<>(
        name,
        allowed + ", or " + meaning,
        raw -> raw.equals(new RawValue.Text("")) ? whenEmpty : otherwise.apply(parser.apply(raw)));
  }

  /** Any number of these: a YAML list, or text with commas. */
  static <E> ValueType<List<E>> listOf(ValueType<E> element) {
    return new ValueType<>(
        "list of " + element.name(),
        "a list (commas between) in which each is " + element.allowed(),
        raw -> texts(raw).stream().map(text -> element.parse(new RawValue.Text(text))).toList());
  }

  /** As {@link #listOf}, with at least one. */
  static <E> ValueType<List<E>> nonEmptyListOf(ValueType<E> element) {
    ValueType<List<E>> any = listOf(element);
    return new ValueType<>(
        any.name(),
        any.allowed() + ", and not empty",
        raw -> {
          List<E> list = any.parse(raw);
          return require(list, !list.isEmpty());
        });
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static <T> ValueType<T> scalar(
      String name, String allowed, Function<String, T> parseText) {
    return new ValueType<>(
        name,
        allowed,
        raw -> {
          if (raw instanceof RawValue.Text(String text)) {
            return parseText.apply(text);
          }
          throw new IllegalArgumentException("not a single value");
        });
  }

  private static List<String> texts(RawValue raw) {
    return switch (raw) {
      case RawValue.Texts(List<String> texts) -> texts;
      case RawValue.Text(String text) ->
          Arrays.stream(text.split(",", -1))
              .map(String::strip)
              .filter(part -> !part.isEmpty())
              .toList();
      case RawValue.Nothing _ -> List.of();
    };
  }

  private static long quantity(String text, Map<String, Long> units) {
    Matcher matcher = QUANTITY.matcher(text.strip());
    if (!matcher.matches() || text.length() > 40) {
      throw new IllegalArgumentException("not a number and a unit");
    }
    Long unit = units.get(matcher.group(2));
    if (unit == null) {
      throw new IllegalArgumentException("unknown unit");
    }
    BigInteger whole =
        new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(unit)).toBigInteger();
    if (whole.bitLength() > 63) {
      throw new IllegalArgumentException("too large");
    }
    return whole.longValueExact();
  }

  private static boolean isPort(String digits) {
    int port = Integer.parseInt(digits);
    return port >= 1 && port <= 65_535;
  }

  private static <T> T require(T value, boolean holds) {
    if (!holds) {
      throw new IllegalArgumentException("not allowed");
    }
    return value;
  }
}

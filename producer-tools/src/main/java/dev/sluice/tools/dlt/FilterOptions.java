package dev.sluice.tools.dlt;

import dev.sluice.tools.CommandException;
import dev.sluice.tools.Moments;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** A mixin for commands that work on a choice of dead letters: the options that choose. */
final class FilterOptions {

  @Option(
      names = "--code",
      paramLabel = "CODE",
      split = ",",
      description = "Only those with this error code, such as IMAGE_NOT_FOUND. Repeatable.")
  private List<String> codes = List.of();

  @Option(
      names = "--since",
      paramLabel = "TIME",
      defaultValue = "",
      description =
          "Only those written at this time or later: so long ago (2h), an instant"
              + " (2026-11-20T12:00:00Z) or a day (2026-11-20, UTC).")
  private String since = "";

  @Option(
      names = "--until",
      paramLabel = "TIME",
      defaultValue = "",
      description = "Only those written before this time.")
  private String until = "";

  @Option(
      names = "--origin",
      paramLabel = "ORIGIN",
      description =
          "Only those whose image comes from here: scheme://host[:port], or inline, or - for"
              + " what cannot be read. Repeatable.")
  private List<String> origins = List.of();

  @Option(
      names = "--key",
      paramLabel = "KEY",
      description =
          "Only those with this record key, as text or in hexadecimal (0x…); - for none."
              + " Repeatable.")
  private List<String> keys = List.of();

  @Option(
      names = "--id",
      paramLabel = "REQUEST_ID",
      description = "Only those of this request. Repeatable.")
  private List<String> requestIds = List.of();

  @Option(
      names = "--original-topic",
      paramLabel = "TOPIC",
      description = "Only those that came from this topic. Repeatable.")
  private List<String> originalTopics = List.of();

  @Option(
      names = "--min-replays",
      paramLabel = "N",
      defaultValue = "0",
      description = "Only those that have been sent again at least so often already.")
  private long minReplays;

  /**
   * What was chosen.
   *
   * @param now what {@code --since 2h} counts back from
   * @throws CommandException if an option makes no sense
   */
  DeadLetterFilter filter(Instant now) {
    TimeWindow window =
        new TimeWindow(
            since.isEmpty() ? Long.MIN_VALUE : millis("--since", since, now),
            until.isEmpty() ? Long.MAX_VALUE : millis("--until", until, now));
    if (window.since() >= window.until()) {
      throw CommandException.usage("--since has to be before --until");
    }
    return new DeadLetterFilter(
        Set.copyOf(codes),
        window,
        origins.stream().map(FilterOptions::origin).collect(Collectors.toSet()),
        Set.copyOf(keys),
        Set.copyOf(requestIds),
        Set.copyOf(originalTopics),
        minReplays);
  }

  /** The choice as it was typed, the same for the same choice: times are not worked out. */
  List<String> typed() {
    return Stream.of(
            named("code", codes),
            named("since", List.of(since)),
            named("until", List.of(until)),
            named("origin", origins.stream().map(FilterOptions::origin).toList()),
            named("key", keys),
            named("id", requestIds),
            named("original-topic", originalTopics),
            named("min-replays", List.of(Long.toString(minReplays))))
        .flatMap(List::stream)
        .toList();
  }

  private static List<String> named(String option, List<String> values) {
    return new TreeSet<>(values).stream().map(value -> option + "=" + value).toList();
  }

  private static long millis(String option, String text, Instant now) {
    try {
      return Moments.parse(text, now).toEpochMilli();
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw CommandException.usage(option + ": " + e.getMessage(), e);
    }
  }

  private static String origin(String typed) {
    if (typed.equals(ImageOrigin.INLINE) || typed.equals(DeadLetter.UNKNOWN)) {
      return typed;
    }
    String origin = ImageOrigin.of(typed);
    if (origin.equals(DeadLetter.UNKNOWN)) {
      throw CommandException.usage(
          "--origin '%s' is not like https://images.example.com, inline or -".formatted(typed));
    }
    return origin;
  }
}

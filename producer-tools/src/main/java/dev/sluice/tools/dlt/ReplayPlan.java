package dev.sluice.tools.dlt;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What one run of a replay has set out to do in one partition. It is kept as the metadata of the
 * offset that the run has reached, so that both always agree and a run that was interrupted is
 * finished as it was begun. Pure.
 *
 * @param selection tells one choice of dead letters from another
 * @param window the stretch of time, as it was worked out when the run began
 * @param end the first offset after the run
 */
record ReplayPlan(String selection, TimeWindow window, long end) {

  private static final Pattern ENCODED =
      Pattern.compile(
          "sluice-replay/1 selection=([0-9a-f]{1,64}) since=(-?\\d{1,19}) until=(-?\\d{1,19})"
              + " end=(\\d{1,19})");

  /** As text, well below the 4096 bytes that brokers keep (offset.metadata.max.bytes). */
  String encode() {
    return "sluice-replay/1 selection=%s since=%d until=%d end=%d"
        .formatted(selection, window.since(), window.until(), end);
  }

  /** The plan in {@code text}; empty if there is none. */
  static Optional<ReplayPlan> decode(String text) {
    Matcher matcher = ENCODED.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new ReplayPlan(
              matcher.group(1),
              new TimeWindow(Long.parseLong(matcher.group(2)), Long.parseLong(matcher.group(3))),
              Long.parseLong(matcher.group(4))));
    } catch (NumberFormatException e) {
      return Optional.empty(); // Nineteen digits can be too many: no replay wrote that.
    }
  }
}

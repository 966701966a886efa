package dev.sluice.tools.dlt;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Counts by hour over the newest day that has any. What claims to be from the future is left out:
 * one forged time would hide all the others. Used by one thread.
 */
final class Hours {
  private static final int HOURS = 24;

  private final Instant now;

  /** Command thread only: at most a day's worth of hours that have any. */
  private final TreeMap<Instant, Long> counts = new TreeMap<>();

  /**
   * @param now the newest time that is believed
   */
  Hours(Instant now) {
    this.now = now;
  }

  void add(Instant time) {
    if (!time.isAfter(now)) {
      counts.merge(time.truncatedTo(ChronoUnit.HOURS), 1L, Long::sum);
      if (counts.size() > HOURS) {
        counts.pollFirstEntry();
      }
    }
  }

  /** How many came in each hour of the newest day that had any, the oldest hour first. */
  NavigableMap<Instant, Long> newestDay() {
    return counts.isEmpty()
        ? new TreeMap<>()
        : new TreeMap<>(counts.tailMap(counts.lastKey().minus(HOURS - 1L, ChronoUnit.HOURS), true));
  }
}

package dev.sluice.worker.kafka;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * How long to wait before trying again: doubling from {@code first} to {@code most}, each wait
 * between half of that and all of it, so that many that failed together do not return together.
 *
 * @param first after the first failure, positive
 * @param most never longer, not below {@code first}
 */
public record Backoff(Duration first, Duration most) {
  /** For sends and registry calls: 100 ms at first, 10 s at most. */
  public static final Backoff DEFAULT = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(10));

  public Backoff {
    requireNonNull(first, "first is null");
    requireNonNull(most, "most is null");
    if (!first.isPositive() || most.compareTo(first) < 0) {
      throw new IllegalArgumentException("not 0 < first <= most: " + first + ", " + most);
    }
  }

  /**
   * The wait after this many failures in a row.
   *
   * @param failures from 1
   * @param random from 0 to 1
   */
  public Duration delay(int failures, double random) {
    double doubled = first.toNanos() * Math.pow(2, Math.min(failures, 60) - 1.0);
    double bounded = Math.min(doubled, (double) most.toNanos());
    return Duration.ofNanos((long) (bounded * (0.5 + random / 2)));
  }
}

package dev.sluice.worker.model;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;

/** Until when a request's answer is of use. */
public sealed interface Deadline {
  /** No clock of a JVM is finer in practice. */
  Duration TICK = Duration.ofNanos(1_000);

  /** Whether the answer has become useless by {@code now}. */
  boolean isPast(Instant now);

  /**
   * How long to wait before {@link #isPast} is asked again: until just after the deadline, no
   * longer than {@code atMost}, and always a little, so that a clock that stands still is not asked
   * without a pause.
   */
  Duration timeLeft(Instant now, Duration atMost);

  /** The answer is always of use. */
  record None() implements Deadline {
    @Override
    public Duration timeLeft(Instant now, Duration atMost) {
      return atMost;
    }

    @Override
    public boolean isPast(Instant now) {
      return false;
    }
  }

  /**
   * The answer is of use until this instant, inclusive.
   *
   * @param instant as the producer set it, by its clock
   */
  record At(Instant instant) implements Deadline {
    public At {
      requireNonNull(instant, "instant is null");
    }

    @Override
    public boolean isPast(Instant now) {
      return now.isAfter(instant);
    }

    @Override
    public Duration timeLeft(Instant now, Duration atMost) {
      // Inclusive: it has passed one tick after its instant.
      Duration left = Duration.between(now, instant).plus(TICK);
      if (left.compareTo(atMost) > 0) {
        return atMost;
      }
      return left.isPositive() ? left : TICK;
    }
  }
}

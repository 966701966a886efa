package dev.sluice.worker.model;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/** Until when a request's answer is of use. */
public sealed interface Deadline {
  /** Whether the answer has become useless by {@code now}. */
  boolean isPast(Instant now);

  /** The answer is always of use. */
  record None() implements Deadline {
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
  }
}

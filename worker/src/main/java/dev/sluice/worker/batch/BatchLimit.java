package dev.sluice.worker.batch;

import java.time.Duration;

/**
 * The largest batch for now, learned from a device that runs out of memory: halved by each batch
 * that does not fit, doubled after each minute without another. So a device that others share is
 * asked for less while it is full, and one failed call a minute is the price of finding out that it
 * no longer is. Immutable; time is nanoseconds, of which only differences count.
 *
 * @param most the largest batch that is allowed at all
 * @param now the largest batch for now, from 1 to {@code most}
 * @param since when it last changed, or was confirmed by a batch that did not fit
 */
record BatchLimit(int most, int now, long since) {
  static final Duration RECOVERY = Duration.ofMinutes(1);

  BatchLimit {
    if (now < 1 || now > most) {
      throw new IllegalArgumentException("not from 1 to " + most + ": " + now);
    }
  }

  /** Nothing is known yet: everything that is allowed. */
  static BatchLimit none(int most) {
    return new BatchLimit(most, most, 0);
  }

  /** A batch of this size did not fit. */
  BatchLimit outOfMemory(int size, long nanos) {
    return new BatchLimit(most, Math.max(1, Math.min(now, size / 2)), nanos);
  }

  /** What holds at this time. */
  BatchLimit at(long nanos) {
    long periods = now == most ? 0 : (nanos - since) / RECOVERY.toNanos();
    if (periods <= 0) {
      return this;
    }
    int doubled = now;
    for (long period = 0; period < periods && doubled < most; period++) {
      doubled = (int) Math.min(most, 2L * doubled);
    }
    return new BatchLimit(most, doubled, since + periods * RECOVERY.toNanos());
  }
}

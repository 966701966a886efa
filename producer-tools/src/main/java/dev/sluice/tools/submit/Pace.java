package dev.sluice.tools.submit;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.function.LongSupplier;

/**
 * Spaces sends evenly at a given rate. Time lost while the sender was busy is not made up by a
 * burst. Thread-safe.
 */
final class Pace {
  private final long intervalNanos;
  private final LongSupplier nanoTime;

  @GuardedBy("this")
  private long next;

  /**
   * Starts now.
   *
   * @param perSecond sends per second, above 0; infinity for as fast as it goes
   */
  Pace(double perSecond, LongSupplier nanoTime) {
    if (!(perSecond > 0)) {
      throw new IllegalArgumentException("a rate must be above 0, not " + perSecond);
    }
    this.intervalNanos = (long) (1e9 / perSecond);
    this.nanoTime = nanoTime;
    this.next = nanoTime.getAsLong();
  }

  /** Reserves the next send and says how many nanoseconds to wait before it; 0 or more. */
  synchronized long reserve() {
    long now = nanoTime.getAsLong();
    long wait = Math.max(0, next - now);
    next = now + wait + intervalNanos;
    return wait;
  }
}

package dev.sluice.tools;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Spaces sends evenly at a given rate. Time lost while the sender was busy is not made up by a
 * burst. Thread-safe.
 */
public final class Pace {
  private static final Pattern RATE = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,9})?)(?:/([smh]))?");

  private final long intervalNanos;
  private final LongSupplier nanoTime;

  @GuardedBy("this")
  private long next;

  /**
   * Starts now.
   *
   * @param perSecond sends per second, above 0; infinity for as fast as it goes
   */
  public Pace(double perSecond, LongSupplier nanoTime) {
    if (!(perSecond > 0)) {
      throw new IllegalArgumentException("a rate must be above 0, not " + perSecond);
    }
    this.intervalNanos = (long) (1e9 / perSecond);
    this.nanoTime = nanoTime;
    this.next = nanoTime.getAsLong();
  }

  /** Reserves the next send and says how many nanoseconds to wait before it; 0 or more. */
  public synchronized long reserve() {
    long now = nanoTime.getAsLong();
    long wait = Math.max(0, next - now);
    next = now + wait + intervalNanos;
    return wait;
  }

  /**
   * Reads a rate such as {@code 50/s}, {@code 100/m} or {@code 1000/h}; without a unit it is per
   * second.
   *
   * @return how many a second; infinity, which is no limit, for an empty text
   * @throws IllegalArgumentException if {@code rate} is none, or nought
   */
  public static double perSecond(String rate) {
    if (rate.isEmpty()) {
      return Double.POSITIVE_INFINITY;
    }
    Matcher matcher = RATE.matcher(rate);
    if (!matcher.matches() || Double.parseDouble(matcher.group(1)) == 0) {
      throw new IllegalArgumentException(
          "'" + rate + "' is not a rate; write it like 50/s, 100/m or 1000/h");
    }
    double seconds =
        switch (matcher.group(2)) {
          case "m" -> 60;
          case "h" -> 3600;
          case null, default -> 1;
        };
    return Double.parseDouble(matcher.group(1)) / seconds;
  }
}

package dev.sluice.worker;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.LongSupplier;

/**
 * Says of what happens again and again when to say it: at first, and then once in a while, with how
 * often it happened in between. Safe for any thread.
 */
final class Repeats {
  private final Duration interval;
  private final LongSupplier nanos;
  private final ConcurrentMap<String, Told> told = new ConcurrentHashMap<>();

  /**
   * @param interval how long one kind of event is kept quiet after it was told
   * @param nanos measures intervals, in nanoseconds of any origin
   */
  Repeats(Duration interval, LongSupplier nanos) {
    this.interval = requireNonNull(interval, "interval is null");
    this.nanos = requireNonNull(nanos, "nanos is null");
  }

  /**
   * It has happened.
   *
   * @param kind of few kinds: each is remembered
   * @return how often it happened without being told, this time not counted; empty when it is not
   *     to be told now
   */
  OptionalLong happened(String kind) {
    long now = nanos.getAsLong();
    Told after =
        told.compute(
            kind,
            (_, before) -> {
              if (before == null) {
                return new Told(now, 0, 0, true);
              }
              return now - before.at() < interval.toNanos()
                  ? new Told(before.at(), before.quiet() + 1, 0, false)
                  : new Told(now, 0, before.quiet(), true);
            });
    return after.now() ? OptionalLong.of(after.missed()) : OptionalLong.empty();
  }

  /**
   * @param at when it was told last
   * @param quiet how often it happened since
   * @param missed how often it had happened before it was told
   * @param now whether it is to be told by whoever made this
   */
  private record Told(long at, long quiet, long missed, boolean now) {}
}

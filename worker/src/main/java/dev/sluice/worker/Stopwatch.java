package dev.sluice.worker;

import dev.sluice.worker.model.Timings;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * Where one request's time goes. Owned by the request's thread.
 *
 * <p>Waiting before the worker began is the difference of two machines' clocks and never counted as
 * less than nothing; everything after that is this machine's monotonic clock.
 */
final class Stopwatch {
  private static final double NANOS_PER_MILLI = 1e6;

  private final LongSupplier nanoClock;
  private final long startedAt;
  private final double queued;
  private long lap;
  private double fetch;
  private double decode;
  private double batchWait;
  private double inference;

  Stopwatch(Instant submittedAt, InstantSource clock, LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
    this.startedAt = nanoClock.getAsLong();
    this.lap = startedAt;
    this.queued =
        Math.max(0, Duration.between(submittedAt, clock.instant()).toNanos() / NANOS_PER_MILLI);
  }

  void fetched() {
    fetch = lap();
  }

  void decoded() {
    decode = lap();
  }

  void inferred(Duration waited, Duration ran) {
    batchWait = waited.toNanos() / NANOS_PER_MILLI;
    inference = ran.toNanos() / NANOS_PER_MILLI;
  }

  Timings timings() {
    double total = queued + (nanoClock.getAsLong() - startedAt) / NANOS_PER_MILLI;
    return new Timings(queued, fetch, decode, batchWait, inference, total);
  }

  private double lap() {
    long now = nanoClock.getAsLong();
    double millis = (now - lap) / NANOS_PER_MILLI;
    lap = now;
    return millis;
  }
}

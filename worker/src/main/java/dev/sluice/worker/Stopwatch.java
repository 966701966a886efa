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
 * less than nothing; everything after that is this machine's monotonic clock. A request that fails
 * or expires within a stage has spent that stage's time there until then.
 */
final class Stopwatch {
  private static final double NANOS_PER_MILLI = 1e6;

  private final LongSupplier nanoClock;
  private final double queued;
  private final long startedAt;

  private Stage stage = Stage.CHECK;
  private long stageStartedAt;
  private double fetch;
  private double decode;
  private double batchWait;
  private double inference;

  private enum Stage {
    CHECK,
    FETCH,
    DECODE,
    BATCH,
    ANSWERED
  }

  Stopwatch(Instant submittedAt, InstantSource clock, LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
    this.queued = Math.max(0, millis(Duration.between(submittedAt, clock.instant()).toNanos()));
    this.startedAt = nanoClock.getAsLong();
    this.stageStartedAt = startedAt;
  }

  void fetching() {
    enter(Stage.FETCH);
  }

  void decoding() {
    enter(Stage.DECODE);
  }

  void batching() {
    enter(Stage.BATCH);
  }

  /** The batcher knows better than this watch how its time divides. */
  void answered(Duration waited, Duration ran) {
    stage = Stage.ANSWERED;
    batchWait = millis(waited.toNanos());
    inference = millis(ran.toNanos());
  }

  Timings timings() {
    enter(stage);
    double total = queued + millis(nanoClock.getAsLong() - startedAt);
    return new Timings(queued, fetch, decode, batchWait, inference, total);
  }

  private void enter(Stage next) {
    long now = nanoClock.getAsLong();
    double spent = millis(now - stageStartedAt);
    switch (stage) {
      case FETCH -> fetch += spent;
      case DECODE -> decode += spent;
      case BATCH -> batchWait += spent;
      case CHECK, ANSWERED -> {}
    }
    stage = next;
    stageStartedAt = now;
  }

  private static double millis(long nanos) {
    return nanos / NANOS_PER_MILLI;
  }
}

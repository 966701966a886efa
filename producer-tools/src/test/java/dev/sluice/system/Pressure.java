package dev.sluice.system;

import dev.sluice.tools.local.WorkerProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/** What a worker held, sampled while something kept it from going on. Immutable. */
record Pressure(List<Sample> samples) {
  private static final Duration BETWEEN = Duration.ofMillis(100);

  Pressure {
    samples = List.copyOf(samples);
  }

  /**
   * One moment.
   *
   * @param paused whether it read no new requests
   */
  record Sample(boolean paused, double records, double bytes, long resident) {
    private static Sample of(WorkerProcess worker) {
      Scrape scrape = Scrape.of(worker);
      return new Sample(
          scrape.sum("sluice_intake_paused") > 0,
          scrape.sum("sluice_in_flight_records"),
          scrape.sum("sluice_in_flight_bytes"),
          worker.residentBytes());
    }
  }

  /** Watches a worker for a while. */
  static Pressure watch(WorkerProcess worker, Duration time) {
    List<Sample> samples = new ArrayList<>();
    long end = System.nanoTime() + time.toNanos();
    while (System.nanoTime() - end < 0) {
      samples.add(Sample.of(worker));
      try {
        TimeUnit.NANOSECONDS.sleep(BETWEEN.toNanos());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted", e);
      }
    }
    return new Pressure(samples);
  }

  double most(ToDoubleFunction<Sample> what) {
    return samples.stream().mapToDouble(what).max().orElseThrow();
  }

  /** How much more memory it held at its worst than at the beginning. */
  double growth() {
    return most(Sample::resident) - samples.getFirst().resident();
  }

  @Override
  public String toString() {
    return "%d samples, paused in %d, records at most %.0f, bytes at most %.0f, resident at most %.0f MiB, grown by %.1f MiB"
        .formatted(
            samples.size(),
            samples.stream().filter(Sample::paused).count(),
            most(Sample::records),
            most(Sample::bytes),
            most(Sample::resident) / (1 << 20),
            growth() / (1 << 20));
  }
}

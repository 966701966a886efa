package dev.sluice.tools.bench;

import dev.sluice.tools.report.Plot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Workers over time. Immutable.
 *
 * @param moments in their order
 */
record Watch(List<Moment> moments) {
  private static final int LOOKS = 120;
  private static final Duration BETWEEN_REPORTS = Duration.ofSeconds(30);
  private static final double MIB = 1 << 20;

  Watch {
    moments = List.copyOf(moments);
  }

  /**
   * One look.
   *
   * @param seconds since the beginning
   * @param residentBytes of all workers
   * @param results how many there were
   */
  record Moment(double seconds, double residentBytes, long results) {}

  /** Looks at the workers for so long. */
  static Watch over(
      Deployment deployment, ResultsMeter results, Duration duration, Consumer<String> progress)
      throws InterruptedException {
    List<Moment> moments = new ArrayList<>();
    long begun = System.nanoTime();
    long reported = begun;
    for (int look = 1; look <= LOOKS; look++) {
      long due = begun + duration.toNanos() * look / LOOKS;
      Duration left = Duration.ofNanos(due - System.nanoTime());
      if (left.isPositive()) {
        Thread.sleep(left);
      }
      long now = System.nanoTime();
      Moment moment = new Moment((now - begun) / 1e9, deployment.residentBytes(), results.count());
      moments.add(moment);
      if (now - reported > BETWEEN_REPORTS.toNanos()) {
        reported = now;
        progress.accept(
            "%s: after %.0f s %.0f MiB, %d results"
                .formatted(
                    deployment.spec().name(),
                    moment.seconds(),
                    moment.residentBytes() / MIB,
                    moment.results()));
      }
    }
    return new Watch(moments);
  }

  /** Resident memory over time. */
  Plot memory(String scenario) {
    return new Plot(
        scenario,
        "Resident memory of the workers",
        Plot.Kind.LINES,
        "seconds",
        "MiB",
        List.of(
            new Plot.Series(
                "resident",
                moments.stream()
                    .map(moment -> Plot.Point.at(moment.seconds(), moment.residentBytes() / MIB))
                    .toList())));
  }
}

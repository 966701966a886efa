package dev.sluice.system;

import dev.sluice.tools.local.WorkerProcess;
import java.util.Arrays;
import java.util.List;

/** What a worker's metrics say at one moment. Immutable. */
record Scrape(String text) {
  /** Asks the worker. */
  static Scrape of(WorkerProcess worker) {
    return new Scrape(worker.get("/metrics").body());
  }

  /**
   * The sum of a metric's series.
   *
   * @param labels that a series must have, each as {@code name="value"}
   */
  double sum(String metric, String... labels) {
    return series(metric).stream()
        .filter(line -> Arrays.stream(labels).allMatch(line::contains))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  /** How many series a metric has. */
  int count(String metric) {
    return series(metric).size();
  }

  private List<String> series(String metric) {
    return text.lines()
        .filter(line -> line.startsWith(metric + "{") || line.startsWith(metric + " "))
        .toList();
  }
}

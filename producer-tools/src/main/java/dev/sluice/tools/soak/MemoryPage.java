package dev.sluice.tools.soak;

import dev.sluice.tools.report.Chart;
import dev.sluice.tools.report.Page;
import dev.sluice.tools.report.Plot;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** What the workers had resident over a soak, as a page with one picture. Pure. */
final class MemoryPage {
  private static final double MIB = 1 << 20;

  /** As many lines as the page has colours. */
  private static final int LINES = 6;

  private MemoryPage() {}

  /**
   * The page.
   *
   * @param about what was run, in a line
   * @param samples in the order of time
   */
  static String render(String about, List<ResidentMemory.Sample> samples) {
    SortedMap<Integer, List<Plot.Point>> byWorker = new TreeMap<>();
    for (ResidentMemory.Sample sample : samples) {
      byWorker
          .computeIfAbsent(sample.worker(), _ -> new ArrayList<>())
          .add(Plot.Point.at(sample.at().toMillis() / 1000.0, sample.bytes() / MIB));
    }
    Plot plot =
        new Plot(
            "the first is never ended, the others are; a worker that starts again has the same"
                + " line",
            "Resident memory",
            Plot.Kind.LINES,
            "seconds",
            "MiB",
            byWorker.entrySet().stream()
                .limit(LINES)
                .map(worker -> new Plot.Series("worker " + worker.getKey(), worker.getValue()))
                .toList());
    return Page.of(
        "Sluice soak",
        html -> {
          html.element("h1", "What the workers had resident");
          html.element("p", about, "class", "meta").line();
          Chart.draw(html, plot);
        });
  }
}

package dev.sluice.tools.soak;

import dev.sluice.tools.report.Chart;
import dev.sluice.tools.report.Page;
import dev.sluice.tools.report.Plot;
import java.util.List;

/** What the first worker had resident over a soak, as a page with one picture. Pure. */
final class MemoryPage {
  private static final double MIB = 1 << 20;

  private MemoryPage() {}

  /**
   * The page.
   *
   * @param about what was run, in a line
   * @param samples of all workers, in the order of time
   */
  static String render(String about, List<ResidentMemory.Sample> samples) {
    Plot plot =
        new Plot(
            "never ended by a fault, its heap touched as a whole at the start",
            "Resident memory of worker 1",
            Plot.Kind.LINES,
            "seconds",
            "MiB",
            List.of(
                new Plot.Series(
                    "worker 1",
                    ResidentMemory.ofFirstWorker(samples).stream()
                        .map(MemoryPage::point)
                        .toList())));
    return Page.FIGURES.render(
        "Sluice soak",
        html -> {
          html.element("h1", "Memory over the soak");
          html.element("p", about, "class", "meta").line();
          html.open("div", "class", "plots");
          Chart.draw(html, plot);
          html.close();
        });
  }

  private static Plot.Point point(ResidentMemory.Sample sample) {
    return Plot.Point.at(sample.at().toMillis() / 1000.0, sample.bytes() / MIB);
  }
}

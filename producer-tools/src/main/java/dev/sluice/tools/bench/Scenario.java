package dev.sluice.tools.bench;

import dev.sluice.tools.report.Plot;
import java.io.IOException;
import java.util.List;

/** Something that is measured. */
interface Scenario {
  /** As it is named on the command line. */
  String name();

  /** What it measures, in a line. */
  String description();

  /** Measures it. */
  Findings run(Bench bench) throws IOException, InterruptedException;

  /** What was found. */
  record Findings(List<Row> rows, List<Plot> plots) {
    public Findings {
      rows = List.copyOf(rows);
      plots = List.copyOf(plots);
    }
  }
}

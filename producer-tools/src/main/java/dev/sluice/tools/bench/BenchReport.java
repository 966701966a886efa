package dev.sluice.tools.bench;

import dev.sluice.tools.Table;
import dev.sluice.tools.report.Plot;
import java.util.List;

/** All that a run has found; also what {@code --json} prints. */
record BenchReport(Machine machine, long seed, List<ReportedRow> rows, List<Plot> plots) {
  BenchReport {
    rows = List.copyOf(rows);
    plots = List.copyOf(plots);
  }

  /** A side of a row in JSON. */
  record Side(String name, double median, double min, double max, List<Double> rounds) {
    static Side of(String name, Samples samples) {
      return new Side(name, samples.median(), samples.min(), samples.max(), samples.rounds());
    }
  }

  /** A row in JSON. */
  record ReportedRow(
      String scenario,
      String what,
      String unit,
      Side sluice,
      Side reference,
      String comparison,
      Side value,
      String target,
      boolean reached,
      java.util.Map<String, Object> facts) {
    static ReportedRow of(Row row) {
      return new ReportedRow(
          row.scenario(),
          row.what(),
          row.unit(),
          Side.of("sluice", row.sluice()),
          Side.of(row.referenceName(), row.reference()),
          row.comparison(),
          Side.of(row.comparison(), row.value()),
          row.target().text(),
          row.reached(),
          row.facts());
    }
  }

  static BenchReport of(Machine machine, long seed, List<Row> rows, List<Plot> plots) {
    return new BenchReport(machine, seed, rows.stream().map(ReportedRow::of).toList(), plots);
  }

  /** For people. */
  static Table table(List<Row> rows) {
    return new Table(Row.heads(), rows.stream().map(Row::cells).toList());
  }
}

package dev.sluice.tools.results;

import dev.sluice.tools.OutputOptions;
import dev.sluice.tools.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Shows results one after the other, in bounded memory. Used by one thread. */
interface ResultPrinter {

  void print(ResultEvent event);

  /** Shows what has been held back. */
  void close();

  /** One JSON object for each result, with the record's position left out: it is the contract. */
  record Json(OutputOptions output) implements ResultPrinter {
    @Override
    public void print(ResultEvent event) {
      output.json(AvroJson.of(event.result()));
    }

    @Override
    public void close() {}
  }

  /** A line for each result, at once. */
  record Lines(OutputOptions output) implements ResultPrinter {
    private static final int MAX_FINDINGS = 8;

    @Override
    public void print(ResultEvent event) {
      var result = event.result();
      String findings =
          result.getError() != null
              ? ResultRows.explanation(result)
              : Finding.in(result).stream()
                  .limit(MAX_FINDINGS)
                  .map(Lines::describe)
                  .collect(Collectors.joining(", "));
      output.text(
          String.format(
              Locale.ROOT,
              "%s  %-9s  %s  %s  (%.0f ms)",
              result.getCompletedAt(),
              result.getStatus(),
              ResultRows.nameOf(result),
              findings,
              result.getTimings().getTotal()));
    }

    private static String describe(Finding finding) {
      String text = Text.shortened(finding.text(), 60);
      return finding.score().isPresent()
          ? String.format(Locale.ROOT, "%s %.2f", text, finding.score().getAsDouble())
          : text;
    }

    @Override
    public void close() {}
  }

  /** Tables of a few hundred rows each, so that the columns line up and memory stays bounded. */
  final class Pages implements ResultPrinter {
    private static final int ROWS = 500;

    private final OutputOptions output;
    private final List<List<String>> rows = new ArrayList<>();
    private boolean printed;

    Pages(OutputOptions output) {
      this.output = output;
    }

    @Override
    public void print(ResultEvent event) {
      rows.addAll(ResultRows.of(ResultRows.nameOf(event.result()), event.result()));
      if (rows.size() >= ROWS) {
        flush();
      }
    }

    @Override
    public void close() {
      if (!rows.isEmpty() || !printed) {
        flush();
      }
    }

    private void flush() {
      output.table(ResultRows.table(rows));
      rows.clear();
      printed = true;
    }
  }
}

package dev.sluice.worker.telemetry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Writes docs/metrics.md from the table of metrics. */
final class MetricsPage {
  private MetricsPage() {}

  /**
   * Writes the page.
   *
   * @param arguments the file to write
   */
  public static void main(String[] arguments) throws IOException {
    Files.writeString(Path.of(arguments[0]), text());
  }

  static String text() {
    StringBuilder page =
        new StringBuilder(
            """
            # Metrics of the worker

            <!-- Generated from the table of metrics (dev.sluice.worker.telemetry.Metric). After changing it:
                 mvn -q -pl worker -am test -Dtest=MetricsPageTest -Dsluice.write.docs=true -Dsurefire.failIfNoSpecifiedTests=false -->

            Prometheus scrapes `/metrics` (text format). Names are close to Triton's where Triton has the
            same thing; the average batch is `rate(sluice_inference_batch_size_sum[1m]) /
            rate(sluice_inference_batch_size_count[1m])`. A stage that a request did not reach is not
            timed. Besides these there are Micrometer's `jvm_*`, `process_*` and `system_*`.

            | metric | type | labels | what it says |
            |---|---|---|---|
            """);
    for (Metric metric : Metric.values()) {
      String type =
          metric.type() == Metric.Type.TIMER
              ? "histogram"
              : metric.type().name().toLowerCase(Locale.ROOT);
      page.append(
          "| `%s` | %s | %s | %s |\n"
              .formatted(
                  metric.exported().getFirst(),
                  type,
                  String.join(", ", metric.labels()),
                  metric.description()));
      for (String also : metric.exported().subList(1, metric.exported().size())) {
        page.append(
            "| `%s` | gauge | %s | The greatest value of the last minutes. |\n"
                .formatted(also, String.join(", ", metric.labels())));
      }
    }
    return page.toString();
  }
}

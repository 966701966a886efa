package dev.sluice.tools.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BenchPageTest {
  private static final Machine MACHINE = new Machine(2, "<a> processor", 8, "Linux", "25", 0.1);

  @Test
  void everyRowAndEveryPlotIsInThePageAndNothingInItIsMarkup() {
    Row row =
        Row.ratio(
            "records",
            "<script>alert(1)</script>",
            "records/s",
            Samples.of(60),
            Samples.of(100),
            "bare loop",
            new Target.AtLeast(0.6),
            new LinkedHashMap<>(Map.of("model", "a & b")));
    Plot lines =
        new Plot(
            "load",
            "Latency",
            Plot.Kind.LINES,
            "images/s",
            "ms",
            List.of(
                new Plot.Series("p50", List.of(Plot.Point.at(100, 5), Plot.Point.at(200, 7))),
                new Plot.Series("p99", List.of(Plot.Point.at(100, 50), Plot.Point.at(200, 90)))));
    Plot bars =
        new Plot(
            "busy",
            "Batches",
            Plot.Kind.BARS,
            "images",
            "%",
            List.of(new Plot.Series("calls", List.of(Plot.Point.named("1", 100)))));

    String page =
        BenchPage.render(
            Instant.EPOCH,
            MACHINE,
            7,
            List.of(row),
            List.of(
                lines,
                bars,
                Stages.whereTheTimeGoes("one", Map.of("decode", 1.0)),
                Stages.whereTheTimeGoes("other", Map.of("decode", 3.0, "inference", 1.0))));

    assertThat(page).contains("0.60", "reached", "a &amp; b", "&lt;a&gt; processor");
    assertThat(page).doesNotContain("<script");
    assertThat(page.split("<svg ", -1)).as("stacked bars stand in one picture").hasSize(4);
    assertThat(page).contains("<polyline class=\"l1\"", ">other</text>");
  }

  @ParameterizedTest
  @CsvSource({"0, 1", "1, 1", "6, 6", "7, 8", "0.83, 1", "99, 100", "101, 120", "4321, 5000"})
  void anAxisEndsAtARoundNumberNotBelowTheGreatestValue(double greatest, double end) {
    assertThat(Ticks.upTo(greatest).end()).isEqualTo(end);
    assertThat(Ticks.upTo(greatest).marks()).hasSizeBetween(2, 7);
  }
}

package dev.sluice.tools.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tools.report.Plot;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

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

    Stages stages = new Stages(Scrape.of(""));

    String page =
        BenchPage.render(
            Instant.EPOCH,
            MACHINE,
            7,
            List.of(row),
            List.of(
                lines,
                bars,
                stages.whereTheTimeGoes("one", 1),
                stages.whereTheTimeGoes("other", 4)));

    assertThat(page).contains("0.60", "reached", "a &amp; b", "&lt;a&gt; processor");
    assertThat(page).doesNotContain("<script");
    assertThat(page.split("<svg ", -1)).as("stacked bars stand in one picture").hasSize(4);
    assertThat(page).contains("<polyline class=\"l1\"", ">other</text>");
  }
}

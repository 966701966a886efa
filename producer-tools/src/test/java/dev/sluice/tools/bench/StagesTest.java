package dev.sluice.tools.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tools.report.Plot;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class StagesTest {
  private static final String BEFORE =
      """
      # HELP sluice_inference_batch_size Images in one device call
      # TYPE sluice_inference_batch_size histogram
      sluice_inference_batch_size_bucket{model="a",le="1.0"} 1
      sluice_inference_batch_size_bucket{model="a",le="2.0"} 1
      sluice_inference_batch_size_bucket{model="a",le="4.0"} 1
      sluice_inference_batch_size_bucket{model="a",le="+Inf"} 1
      sluice_inference_batch_size_count{model="a"} 1
      sluice_inference_batch_size_sum{model="a"} 1.0
      sluice_stage_duration_seconds_count{stage="fetch"} 1
      sluice_stage_duration_seconds_sum{stage="fetch"} 5.0
      """;
  private static final String AFTER =
      """
      sluice_inference_batch_size_bucket{model="a",le="1.0"} 2
      sluice_inference_batch_size_bucket{model="a",le="2.0"} 2
      sluice_inference_batch_size_bucket{model="a",le="4.0"} 5
      sluice_inference_batch_size_bucket{model="a",le="+Inf"} 5
      sluice_inference_batch_size_count{model="a"} 5
      sluice_inference_batch_size_sum{model="a"} 12.0
      sluice_stage_duration_seconds_count{stage="fetch"} 11
      sluice_stage_duration_seconds_sum{stage="fetch"} 5.02
      sluice_stage_duration_seconds_count{stage="decode"} 0
      """;

  @Test
  void onlyWhatHappenedBetweenTwoScrapesOfAllWorkersCounts() {
    Scrape first = Scrape.sum(List.of(Scrape.of(BEFORE), Scrape.of(BEFORE)));
    Scrape second = Scrape.sum(List.of(Scrape.of(AFTER), Scrape.of(AFTER)));

    Stages stages = new Stages(second.since(first));

    assertThat(stages.calls()).isEqualTo(8);
    assertThat(stages.meanBatch()).isEqualTo(22.0 / 8);
    assertThat(stages.meanMillis("fetch")).isCloseTo(2, Offset.offset(1e-9));
    assertThat(stages.meanMillis("decode")).isZero();
    assertThat(stages.batchSizes("x").series().getFirst().points())
        .containsExactly(Plot.Point.named("1", 25), Plot.Point.named("3 to 4", 75));
  }

  @Test
  void whatNoStageAccountsForIsKafkas() {
    Stages stages = new Stages(Scrape.of(AFTER).since(Scrape.of(BEFORE)));

    assertThat(stages.whereTheTimeGoes("x", 5).series())
        .extracting(Plot.Series::name)
        .containsExactly("fetch", "decode", "batch wait", "inference", "Kafka, in and out");
    assertThat(stages.whereTheTimeGoes("x", 5).series().getLast().points().getFirst().y())
        .isCloseTo(3, Offset.offset(1e-9));
    assertThat(stages.whereTheTimeGoes("x", 1).series().getLast().points())
        .containsExactly(Plot.Point.named("x", 0));
  }
}

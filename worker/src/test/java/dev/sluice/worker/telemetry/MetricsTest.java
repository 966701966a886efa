package dev.sluice.worker.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.ImageInfo;
import dev.sluice.worker.model.Outcome;
import dev.sluice.worker.model.Output;
import dev.sluice.worker.model.TaskException;
import dev.sluice.worker.model.Timings;
import dev.sluice.worker.telemetry.WorkerStatus.Breaker;
import dev.sluice.worker.telemetry.WorkerStatus.BreakerState;
import dev.sluice.worker.telemetry.WorkerStatus.Intake;
import dev.sluice.worker.telemetry.WorkerStatus.Lag;
import dev.sluice.worker.telemetry.WorkerStatus.Partition;
import dev.sluice.worker.telemetry.WorkerStatus.Waiting;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MetricsTest {
  private static final Partition P0 = new Partition("requests", 0, new Lag.Records(41), 7);
  private static final Partition P1 = new Partition("requests", 1, new Lag.Unknown(), 0);

  private final Metrics metrics = new Metrics();
  private final AtomicReference<WorkerStatus> status =
      new AtomicReference<>(Samples.status(new Intake.Open(), List.of(P0, P1), List.of()));
  private final Exposition exposition = new Exposition(metrics, status::get);

  @AfterEach
  void close() {
    metrics.close();
  }

  @Test
  void exportsWhatThePageSaysAndNothingElse() {
    exerciseAll();
    Set<String> exported =
        exposition
            .scrape()
            .lines()
            .filter(line -> line.startsWith("# TYPE "))
            .map(line -> line.split(" ", -1)[2])
            .filter(name -> !name.matches("(jvm|process|system)_.*"))
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> documented =
        MetricsPage.text()
            .lines()
            .filter(line -> line.startsWith("| `"))
            .map(line -> line.substring(3, line.indexOf('`', 3)))
            .collect(Collectors.toCollection(TreeSet::new));

    assertThat(exported).isEqualTo(documented);
    assertThat(documented)
        .hasSize(
            (int) Stream.of(Metric.values()).flatMap(metric -> metric.exported().stream()).count());
  }

  @Test
  void countsLanesByWhatTheyAreDoing() {
    assertThat(exposition.scrape())
        .contains(
            "sluice_inference_lanes{model=\"signs\",state=\"idle\"} 1.0",
            "sluice_inference_lanes{model=\"signs\",state=\"wedged\"} 1.0",
            "sluice_inference_lanes{model=\"signs\",state=\"busy\"} 0.0",
            "sluice_inference_largest_batch{model=\"signs\"} 4.0");
  }

  @Test
  void exportsTheJvmAndTheProcess() {
    assertThat(exposition.scrape())
        .contains("jvm_memory_used_bytes{", "jvm_threads_live_threads ", "process_uptime_seconds ");
  }

  @Test
  void countsOutcomesByCodeAndModel() {
    metrics.finished(succeeded(new Timings(10, 5, 0, 1, 2, 20)));
    metrics.finished(
        new Outcome.Failed(
            new TaskException(ErrorCode.IMAGE_NOT_FOUND, "404"), 1, new Timings(1, 5, 0, 0, 0, 6)));
    metrics.finished(new Outcome.Expired("a batch", 1, new Timings(1, 0, 0, 0, 0, 6)));

    assertThat(exposition.scrape())
        .contains(
            "sluice_inference_request_success_total{model=\"signs\",model_version=\"3\"} 1.0",
            "sluice_inference_request_failure_total{code=\"IMAGE_NOT_FOUND\"} 1.0",
            "sluice_inference_request_failure_total{code=\"DEADLINE_EXCEEDED\"} 1.0",
            "sluice_inference_request_failure_total{code=\"INTERNAL\"} 0.0");
    assertThat(metrics.tally().succeeded()).isEqualTo(1);
    assertThat(metrics.tally().failures())
        .containsEntry(ErrorCode.IMAGE_NOT_FOUND, 1L)
        .containsEntry(ErrorCode.INTERNAL, 0L);
  }

  @Test
  void timesTheStagesThatWereReached() {
    metrics.finished(succeeded(new Timings(10, 5, 0, 1, 2, 20)));
    metrics.finished(
        new Outcome.Failed(
            new TaskException(ErrorCode.IMAGE_NOT_FOUND, "404"), 1, new Timings(1, 5, 0, 0, 0, 6)));

    assertThat(exposition.scrape())
        .contains(
            "sluice_stage_duration_seconds_count{stage=\"fetch\"} 2",
            "sluice_stage_duration_seconds_sum{stage=\"fetch\"} 0.01",
            "sluice_stage_duration_seconds_bucket{stage=\"fetch\",le=\"0.005\"} 2",
            "sluice_stage_duration_seconds_bucket{stage=\"fetch\",le=\"0.002\"} 0",
            "sluice_stage_duration_seconds_count{stage=\"decode\"} 1",
            "sluice_stage_duration_seconds_count{stage=\"inference\"} 1",
            "sluice_stage_duration_seconds_count{stage=\"total\"} 2");
  }

  @Test
  void batchSizesAreCountedForEachDeviceCall() {
    metrics.executed("signs", 8);
    metrics.executed("signs", 3);

    assertThat(exposition.scrape())
        .contains(
            "sluice_inference_batch_size_count{model=\"signs\"} 2",
            "sluice_inference_batch_size_sum{model=\"signs\"} 11.0",
            "sluice_inference_batch_size_bucket{model=\"signs\",le=\"4.0\"} 1");
  }

  @Test
  void aLanesBusyTimeAddsUp() {
    metrics.laneBusy("signs-3-lane-0", Duration.ofMillis(20));
    metrics.laneBusy("signs-3-lane-0", Duration.ofMillis(480));

    assertThat(exposition.scrape())
        .contains("sluice_inference_lane_busy_seconds_total{lane=\"signs-3-lane-0\"} 0.5");
  }

  @Test
  void aPartitionThatHasGoneLeavesNoSeries() {
    assertThat(exposition.scrape())
        .contains("sluice_partition_lag_records{partition=\"0\",topic=\"requests\"} 41.0")
        .doesNotContain("sluice_partition_lag_records{partition=\"1\"")
        .contains("sluice_partition_in_flight_records{partition=\"1\",topic=\"requests\"} 0.0")
        .contains("sluice_in_flight_records 12.0", "sluice_intake_paused 0.0");

    status.set(
        Samples.status(
            new Intake.Paused("why"),
            List.of(new Partition("requests", 1, new Lag.Records(3), 2)),
            List.of()));

    assertThat(exposition.scrape())
        .doesNotContain("partition=\"0\"")
        .contains("sluice_partition_lag_records{partition=\"1\",topic=\"requests\"} 3.0")
        .contains("sluice_intake_paused 1.0");
  }

  @Test
  void breakersAreBoundedAndTheOpenOnesComeFirst() {
    List<Breaker> many =
        Stream.concat(
                IntStream.range(0, 10_000)
                    .mapToObj(i ->
                        new Breaker("https://host-" + i, BreakerState.CLOSED, Samples.STARTED)),
                Stream.of(
                    new Breaker("https://zz.example", BreakerState.OPEN, Samples.STARTED),
                    new Breaker(
                        "https://zy.example\"\n# evil", BreakerState.HALF_OPEN, Samples.STARTED)))
            .toList();
    status.set(Samples.status(new Intake.Open(), List.of(), many));

    List<String> series =
        exposition
            .scrape()
            .lines()
            .filter(line -> line.startsWith("sluice_circuit_breaker_state"))
            .toList();

    assertThat(series)
        .hasSize(Exposition.MAX_BREAKERS)
        .contains("sluice_circuit_breaker_state{origin=\"https://zz.example\"} 2.0")
        .contains("sluice_circuit_breaker_state{origin=\"https://zy.example\\\"\\n# evil\"} 1.0");
  }

  @Test
  void breakersSaySinceWhen() {
    status.set(
        Samples.status(
            new Intake.Open(),
            List.of(),
            List.of(new Breaker("https://a", BreakerState.OPEN, Samples.STARTED))));

    String line =
        exposition
            .scrape()
            .lines()
            .filter(each -> each.startsWith("sluice_circuit_breaker_since"))
            .findFirst()
            .orElseThrow();

    assertThat(line).contains("origin=\"https://a\"");
    assertThat(Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .isEqualTo((double) Samples.STARTED.getEpochSecond());
  }

  /** Producers choose what requests wait for, and may choose much. */
  @Test
  void whatRequestsWaitForIsBoundedAndNothingIsLeftOut() {
    List<Waiting> many =
        IntStream.range(0, 10_000)
            .mapToObj(i -> new Waiting("https://host-" + i, i + 1, Samples.STARTED))
            .toList();
    status.set(Samples.status(new Intake.Open(), List.of(), List.of(), many));

    List<String> series =
        exposition.scrape().lines().filter(line -> line.startsWith("sluice_waiting")).toList();

    assertThat(series)
        .hasSize(Outages.MOST + 1)
        .contains("sluice_waiting_requests{dependency=\"https://host-9999\"} 10000.0")
        .anyMatch(line -> line.startsWith("sluice_waiting_requests{dependency=\"other\"}"));
    assertThat(
            series.stream()
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum())
        .isEqualTo(10_000 * 10_001 / 2.0);
  }

  private void exerciseAll() {
    metrics.finished(succeeded(new Timings(1, 1, 1, 1, 1, 1)));
    metrics.undecodable("requests");
    metrics.deadLetter(ErrorCode.INVALID_REQUEST);
    metrics.sendFailed("results");
    metrics.executed("signs", 1);
    metrics.laneBusy("signs-3-lane-0", Duration.ofMillis(1));
    metrics.wedged("signs-3-lane-0");
    metrics.outOfMemory("signs-3-lane-0");
    status.set(
        Samples.status(
            new Intake.Open(),
            List.of(P0),
            List.of(new Breaker("o", BreakerState.CLOSED, Samples.STARTED)),
            List.of(new Waiting("o", 1, Samples.STARTED))));
  }

  private static Outcome succeeded(Timings timings) {
    return new Outcome.Succeeded(
        "signs", "3", new Output.TextLines(List.of()), new ImageInfo(1, 1, "png", 70), 1, timings);
  }
}

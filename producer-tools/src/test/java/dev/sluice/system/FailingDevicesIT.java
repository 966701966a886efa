package dev.sluice.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.devstack.KafkaCluster;
import dev.sluice.devstack.SchemaRegistry;
import dev.sluice.devstack.junit.FreshNames;
import dev.sluice.devstack.junit.WithDevstack;
import dev.sluice.tools.local.WorkerProcess;
import dev.sluice.v1.Classification;
import dev.sluice.v1.InferenceRequest;
import dev.sluice.v1.InferenceResult;
import dev.sluice.v1.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Worker processes whose devices run out of memory, hang, go away, or are busy for long: simulated
 * devices, everything around them real.
 */
@WithDevstack
class FailingDevicesIT {
  private static final Delivery DELIVERY = Delivery.tested();
  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final int DEVICE_FAILED = 3;
  private static final int PARTITIONS = 4;
  private static final int IN_FLIGHT = 100;

  @TempDir private Path folder;

  private final Pipeline pipeline;

  FailingDevicesIT(KafkaCluster kafka, SchemaRegistry registry, FreshNames names) {
    pipeline = Pipeline.create(kafka, registry, names, PARTITIONS);
  }

  @Test
  void whenAWorkersDeviceGoesAwayItHandsItsWorkToAnotherAndEndsWithItsOwnExitCode()
      throws IOException {
    int count = 1_200;
    Map<String, String> staying = model("staying", "batch: 50ms", "instances: 1");
    Map<String, String> leaving = model("leaving", "batch: 50ms", "instances: 1");
    try (Requests requests = new Requests(pipeline);
        ResultsReader results = new ResultsReader(pipeline);
        WorkerProcess stays = WorkerProcess.launch("staying", folder, staying);
        WorkerProcess leaves = WorkerProcess.launch("leaving", folder, leaving)) {
      awaitShared(stays.awaitReady(), leaves.awaitReady());
      List<String> sent = requests.sendColors(count);
      results.awaitAnswered(count / 4, LIMIT);

      control("leaving", "gone: true");
      long begun = System.nanoTime();
      assertThat(leaves.awaitExit(LIMIT)).as(leaves.logTail()).isEqualTo(DEVICE_FAILED);
      Duration took = Duration.ofNanos(System.nanoTime() - begun);
      results.awaitAnswered(count, LIMIT);
      results.readToEnd();

      System.out.println(
          "device gone: exit after %d ms, %s".formatted(took.toMillis(), results.account(sent)));
      assertNothingLost(results, sent);
      assertFewDuplicates(results, sent);
      assertThat(results.all())
          .extracting(InferenceResult::getWorker)
          .contains("staying", "leaving");
      assertThat(TopicReader.all(pipeline.kafka().bootstrapServers(), pipeline.deadLetters()))
          .isEmpty();
    }
  }

  @Test
  void aWedgedCallStopsNeitherOtherLanesNorTheWorkerAndWithoutALaneTheWorkerEnds()
      throws IOException {
    int count = 300;
    Map<String, String> wedging =
        model("wedging", "batch: 10ms", "instances: 2\nmax_call_duration: 1s");
    wedging.put("topics.retries", "1s");
    pipeline.kafka().createTopic(pipeline.requests() + "-retry-1s", 1);
    try (Requests requests = new Requests(pipeline);
        ResultsReader results = new ResultsReader(pipeline)) {
      List<String> sent;
      try (WorkerProcess worker = WorkerProcess.start("wedging", folder, wedging)) {
        control("wedging", "wedge: 300s");
        sent = requests.sendColors(count);
        // Those in the wedged call are among them: they were tried again.
        results.awaitAnswered(count, LIMIT);
        Awaitility.await()
            .atMost(LIMIT)
            .untilAsserted(() ->
                assertThat(worker.get("/metrics").body())
                    .contains("state=\"wedged\"} 1.0")
                    .containsPattern("sluice_inference_wedged_calls_total\\{.*} 1\\.0"));
        assertThat(worker.get("/").body()).contains("wedged with");
        assertThat(worker.get("/health/ready").statusCode()).isEqualTo(200);

        control("wedging", "wedge: 301s");
        sent.addAll(requests.send(count, number -> Requests.color(count + number)));
        Awaitility.await()
            .atMost(LIMIT)
            .until(() -> worker.get("/health/ready").body().contains("every lane of colors"));
        assertThat(worker.awaitExit(LIMIT)).as(worker.logTail()).isEqualTo(DEVICE_FAILED);
        assertThat(
                worker.log().lines().filter(line -> line.contains("has been in one device call")))
            .as("said once for each call")
            .hasSizeBetween(1, 2);
      }

      Map<String, String> healthy = model("healthy", "batch: 10ms", "instances: 1");
      healthy.put("topics.retries", "1s");
      try (WorkerProcess _ = WorkerProcess.start("healthy", folder, healthy)) {
        results.awaitAnswered(sent.size(), LIMIT);
        results.readToEnd();
      }
      System.out.println("wedged: " + results.account(sent));
      assertThat(results.account(sent).missing()).isEmpty();
      assertFewDuplicates(results, sent);
      assertAllRight(results);
      assertThat(TopicReader.all(pipeline.kafka().bootstrapServers(), pipeline.deadLetters()))
          .isEmpty();
    }
  }

  @Test
  void aDeadlineIsKeptWhileTheOnlyLaneIsBusyForLong() throws IOException {
    Map<String, String> busy =
        model("busy", "batch: 3600s", "instances: 1\nmax_call_duration: 7200s");
    try (Requests requests = new Requests(pipeline);
        ResultsReader results = new ResultsReader(pipeline);
        WorkerProcess worker = WorkerProcess.start("busy", folder, busy)) {
      Requests.acknowledged(requests.offer(0, Requests.color(0)));
      Awaitility.await()
          .atMost(LIMIT)
          .until(() -> worker.get("/metrics").body().contains("state=\"busy\"} 1.0"));
      Map<String, Instant> deadlines = new HashMap<>();
      Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
      int count = 30;
      for (int number = 0; number < count; number++) {
        Instant deadline = now.plusMillis(1_000 + 2_000L * number / count);
        InferenceRequest request =
            InferenceRequest.newBuilder(Requests.color(1 + number)).setDeadline(deadline).build();
        deadlines.put(request.getRequestId(), deadline);
        // Not behind the one that is not finished: exactly once, nothing is stored ahead of it.
        Requests.acknowledged(requests.offer(1 + number % (PARTITIONS - 1), request));
      }
      results.awaitAnswered(count, LIMIT);

      List<Duration> late =
          results.all().stream()
              .map(result ->
                  Duration.between(
                      deadlines.getOrDefault(result.getRequestId(), Instant.EPOCH),
                      result.getCompletedAt()))
              .sorted()
              .toList();
      System.out.println(
          "expired while the only lane is busy: %d results, %d to %d ms after their deadlines"
              .formatted(late.size(), late.getFirst().toMillis(), late.getLast().toMillis()));
      assertThat(results.all())
          .hasSize(count)
          .allSatisfy(result -> assertThat(result.getStatus()).isEqualTo(Status.EXPIRED));
      assertThat(late).allSatisfy(each -> assertThat(each).isGreaterThanOrEqualTo(Duration.ZERO));
      assertThat(worker.get("/metrics").body())
          .as("the lane has been busy all the time, in its first call")
          .contains("state=\"busy\"} 1.0");
    }
  }

  @Test
  void aDeviceWithoutMemoryGetsSmallerBatchesAndAPoisonedImageFailsAlone() throws IOException {
    int count = 300;
    Map<String, String> small = model("small", "batch: 10ms", "instances: 1");
    try (Requests requests = new Requests(pipeline);
        ResultsReader results = new ResultsReader(pipeline);
        WorkerProcess worker = WorkerProcess.start("small", folder, small)) {
      control("small", "{max_batch: 3, poison: red}");
      List<String> sent = requests.sendColors(count);
      results.awaitAnswered(count, LIMIT);

      assertThat(results.account(sent).missing()).isEmpty();
      assertThat(results.all())
          .allSatisfy(result -> {
            boolean red = Requests.label(result.getRequestId()).equals("red");
            assertThat(result.getStatus()).isEqualTo(red ? Status.FAILED : Status.SUCCEEDED);
            if (red) {
              assertThat(result.getError().getCode()).isEqualTo("MODEL_FAILED");
            } else {
              assertThat(result.getBatchSize()).isLessThanOrEqualTo(3);
              assertThat(label(result)).isEqualTo(Requests.label(result.getRequestId()));
            }
          });
      // Half of the first that does not fit, whatever had come together by then: 4 and 5 leave 2 at
      // once, 8 at the second time, 6 and 7 leave 3.
      assertThat(worker.get("/metrics").body())
          .containsPattern("sluice_inference_largest_batch\\{model=\"colors\"} [23]\\.0")
          .containsPattern("sluice_inference_out_of_memory_total\\{.*} [12]\\.0");
      assertThat(worker.get("/").body()).containsPattern("[23] for now, of 8");
    }
  }

  /** Writes a repository with a simulated model, and the settings of a worker that serves it. */
  private Map<String, String> model(String name, String simulated, String more) throws IOException {
    Path repository = folder.resolve(name);
    Files.createDirectories(repository.resolve(Models.COLORS).resolve("1"));
    Files.writeString(
        repository.resolve(Models.COLORS).resolve("model.yaml"),
        """
        device: simulated
        simulated: {%s, control: ../control.yaml}
        %s
        """
            .formatted(simulated, more));
    Map<String, String> settings = pipeline.settings(new Models(repository));
    settings.put("delivery", DELIVERY.text());
    settings.put("in_flight.max_records", String.valueOf(IN_FLIGHT));
    return settings;
  }

  /** Asks for faults, all at once. */
  private void control(String name, String faults) throws IOException {
    Path written = Files.writeString(folder.resolve(name).resolve("control.new"), faults);
    Files.move(written, written.resolveSibling("control.yaml"), StandardCopyOption.ATOMIC_MOVE);
  }

  /** Waits until each of the workers has half of the partitions. */
  private static void awaitShared(WorkerProcess one, WorkerProcess other) {
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(() -> {
          assertThat(partitions(one)).isEqualTo(PARTITIONS / 2);
          assertThat(partitions(other)).isEqualTo(PARTITIONS / 2);
        });
  }

  private static long partitions(WorkerProcess worker) {
    return worker
        .get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith("sluice_partition_in_flight_records{"))
        .count();
  }

  private static void assertNothingLost(ResultsReader results, List<String> sent) {
    assertThat(results.account(sent).missing()).isEmpty();
    assertThat(results.account(sent).unexpected()).isEmpty();
    assertAllRight(results);
  }

  /** At least once: behind a record that was not judged, what was finished is done again. */
  private static void assertFewDuplicates(ResultsReader results, List<String> sent) {
    int allowed = DELIVERY == Delivery.EXACTLY_ONCE ? 0 : IN_FLIGHT - 1;
    assertThat(results.account(sent).duplicates()).isLessThanOrEqualTo(allowed);
  }

  private static void assertAllRight(ResultsReader results) {
    assertThat(results.all())
        .allSatisfy(result -> {
          assertThat(result.getStatus()).as("%s", result).isEqualTo(Status.SUCCEEDED);
          assertThat(label(result)).isEqualTo(Requests.label(result.getRequestId()));
        });
  }

  private static String label(InferenceResult result) {
    return ((Classification) result.getOutput()).getClasses().getFirst().getLabel();
  }
}

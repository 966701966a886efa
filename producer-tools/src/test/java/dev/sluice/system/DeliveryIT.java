package dev.sluice.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.devstack.KafkaCluster;
import dev.sluice.devstack.SchemaRegistry;
import dev.sluice.devstack.junit.FreshNames;
import dev.sluice.devstack.junit.WithDevstack;
import dev.sluice.tools.local.WorkerProcess;
import dev.sluice.v1.Classification;
import dev.sluice.v1.InferenceResult;
import dev.sluice.v1.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the contract promises about delivery, on the whole system: worker processes that are stopped
 * and killed, a real broker, a real registry. What is done again is printed, so that a change
 * shows.
 */
@WithDevstack
class DeliveryIT {
  private static final int REQUESTS = 2_000;
  private static final int PARTITIONS = 4;
  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final Duration DRAIN = Duration.ofSeconds(30);

  @TempDir private Path folder;

  private final Pipeline pipeline;

  DeliveryIT(KafkaCluster kafka, SchemaRegistry registry, FreshNames names) {
    pipeline = Pipeline.create(kafka, registry, names, PARTITIONS);
  }

  @BeforeEach
  void modelsAreThere() {
    assertThat(Models.create(folder.resolve("models")).repository()).isDirectory();
  }

  @Test
  void aWorkerThatIsKilledHalfWayLeavesNothingOut() {
    try (Requests requests = new Requests(pipeline);
        ResultsReader results = new ResultsReader(pipeline)) {
      List<String> sent = requests.send(REQUESTS, Requests::largeColor);
      try (WorkerProcess first = start("first", shortSessions())) {
        results.awaitAnswered(REQUESTS / 2, LIMIT);
        first.kill();
      }
      results.readToEnd();
      int before = results.byId().size();
      assertThat(before).as("results before the end of the first worker").isLessThan(REQUESTS);
      try (WorkerProcess second = start("second", shortSessions())) {
        results.awaitAnswered(REQUESTS, LIMIT);
        assertThat(second.terminate(DRAIN)).as(second.logTail()).isZero();
      }
      results.readToEnd();
      report("SIGKILL after " + before + " results", results.account(sent));
      assertNothingMissing(results, sent);
    }
  }

  @Test
  void aWorkerThatIsTerminatedHalfWayLeavesNothingOutAndRepeatsNothing() {
    try (Requests requests = new Requests(pipeline);
        ResultsReader results = new ResultsReader(pipeline)) {
      List<String> sent = requests.send(REQUESTS, Requests::largeColor);
      try (WorkerProcess first = start("first", settings())) {
        results.awaitAnswered(REQUESTS / 2, LIMIT);
        assertThat(first.terminate(DRAIN)).as(first.logTail()).isZero();
      }
      results.readToEnd();
      int before = results.byId().size();
      assertThat(before).as("results before the end of the first worker").isLessThan(REQUESTS);
      try (WorkerProcess second = start("second", settings())) {
        results.awaitAnswered(REQUESTS, LIMIT);
        assertThat(second.terminate(DRAIN)).as(second.logTail()).isZero();
      }
      results.readToEnd();
      report("SIGTERM after " + before + " results", results.account(sent));
      assertNothingMissing(results, sent);
      assertThat(results.account(sent).duplicates()).isZero();
    }
  }

  @Test
  void twoWorkersShareTheWorkAndOneTakesOverFromTheOther() {
    try (Requests requests = new Requests(pipeline);
        ResultsReader results = new ResultsReader(pipeline);
        WorkerProcess staying = WorkerProcess.launch("staying", folder, shortSessions());
        WorkerProcess leaving = WorkerProcess.launch("leaving", folder, shortSessions())) {
      awaitShared(staying.awaitReady(), leaving.awaitReady());

      List<String> sent = requests.send(REQUESTS, Requests::largeColor);
      results.awaitAnswered(REQUESTS / 4, LIMIT);
      assertThat(leaving.terminate(DRAIN)).as(leaving.logTail()).isZero();
      results.awaitAnswered(REQUESTS, LIMIT);
      results.readToEnd();
      report("two workers, SIGTERM for one " + byWorker(results), results.account(sent));
      assertNothingMissing(results, sent);
      assertThat(results.account(sent).duplicates()).isZero();
      assertThat(byWorker(results)).containsOnlyKeys("staying", "leaving");

      try (WorkerProcess killed = start("killed", shortSessions())) {
        awaitShared(staying, killed);
        List<String> more =
            requests.send(REQUESTS / 2, number -> Requests.largeColor(REQUESTS + number));
        results.awaitAnswered(REQUESTS + REQUESTS / 4, LIMIT);
        killed.kill();
        sent.addAll(more);
      }
      results.awaitAnswered(sent.size(), LIMIT);
      assertThat(staying.terminate(DRAIN)).as(staying.logTail()).isZero();
      results.readToEnd();
      report("two workers, SIGKILL for one " + byWorker(results), results.account(sent));
      assertNothingMissing(results, sent);
    }
  }

  private WorkerProcess start(String name, Map<String, String> settings) {
    return WorkerProcess.start(name, folder, settings);
  }

  private Map<String, String> settings() {
    Map<String, String> settings = pipeline.settings(new Models(folder.resolve("models")));
    // So that half of the results are there long before the other half.
    settings.put("in_flight.max_records", "100");
    settings.put("images.decode_threads", "1");
    return settings;
  }

  /**
   * What a killed member held is free when its session has ended. That takes 45 s in the protocol
   * that workers choose themselves, and cannot be less than 6 s in the classic one.
   */
  private Map<String, String> shortSessions() {
    Map<String, String> settings = settings();
    settings.put("kafka.consumer.group.protocol", "classic");
    settings.put("kafka.consumer.session.timeout.ms", "6000");
    settings.put("kafka.consumer.heartbeat.interval.ms", "1000");
    settings.put(
        "kafka.consumer.partition.assignment.strategy",
        "org.apache.kafka.clients.consumer.CooperativeStickyAssignor");
    return settings;
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

  private static int partitions(WorkerProcess worker) {
    Matcher series =
        Pattern.compile("^sluice_partition_in_flight_records\\{", Pattern.MULTILINE)
            .matcher(worker.get("/metrics").body());
    return (int) series.results().count();
  }

  private static Map<String, Long> byWorker(ResultsReader results) {
    return results.all().stream()
        .collect(Collectors.groupingBy(InferenceResult::getWorker, Collectors.counting()));
  }

  private static void assertNothingMissing(ResultsReader results, Collection<String> sent) {
    Account account = results.account(sent);
    assertThat(account.missing()).as("%s", account).isEmpty();
    assertThat(account.unexpected()).as("%s", account).isEmpty();
    assertThat(results.all()).allSatisfy(DeliveryIT::isRight);
  }

  /** The image reached the model: the answer is the colour that was sent. */
  private static void isRight(InferenceResult result) {
    assertThat(result.getStatus()).as("%s", result).isEqualTo(Status.SUCCEEDED);
    assertThat(result.getOutput()).isInstanceOf(Classification.class);
    Classification answer = (Classification) result.getOutput();
    assertThat(answer.getClasses().getFirst().getLabel())
        .isEqualTo(Requests.label(result.getRequestId()));
  }

  private static void report(String what, Account account) {
    System.out.println(what + ": " + account);
  }
}

package dev.sluice.worker.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.devstack.KafkaCluster;
import dev.sluice.devstack.SchemaRegistry;
import dev.sluice.devstack.junit.FreshNames;
import dev.sluice.devstack.junit.WithDevstack;
import dev.sluice.v1.InferenceResult;
import dev.sluice.v1.Status;
import dev.sluice.worker.ledger.Bounds;
import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.Parking;
import dev.sluice.worker.model.TaskException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;

/** The ladder of retry topics, on a real broker. */
@WithDevstack
class RetryIT {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final List<Duration> LADDER =
      List.of(Duration.ofMillis(500), Duration.ofMillis(1500));

  private final KafkaCluster kafka;
  private final SchemaRegistry registry;
  private final FreshNames names;

  RetryIT(KafkaCluster kafka, SchemaRegistry registry, FreshNames names) {
    this.kafka = kafka;
    this.registry = registry;
    this.names = names;
  }

  private record Tried(String id, int attempt, Instant at) {}

  /** One record climbs the whole ladder and is buried; others behind it are answered at once. */
  @Test
  void aRequestClimbsTheLadderAndHoldsNobodyUp() {
    Queue<Tried> tried = new ConcurrentLinkedQueue<>();
    CountDownLatch others = new CountDownLatch(50);
    try (Wire wire = Wire.withRetries(kafka, registry, names, 1, LADDER);
        TestWorker worker =
            TestWorker.start(
                wire.connection,
                wire.topics,
                TestWorker.SETTINGS,
                (task, _) -> {
                  tried.add(new Tried(task.requestId(), task.attempt().number(), Instant.now()));
                  if (task.requestId().equals("down")) {
                    if (task.attempt().number() == 2) {
                      // If it held the others up, neither would ever go on.
                      others.await();
                    }
                    throw new TaskException(ErrorCode.IMAGE_UNAVAILABLE, "503 Service Unavailable");
                  }
                  others.countDown();
                  return TestWorker.success(task);
                })) {
      byte[] key = "camera-7".getBytes(StandardCharsets.UTF_8);
      byte[] value = wire.encode(Wire.request("down").setMetadata(Map.of("m", "v")).build());
      wire.send(
          new ProducerRecord<>(
              wire.requests(),
              0,
              key,
              value,
              new RecordHeaders().add("traceparent", new byte[] {1, 2})));
      wire.sendRequests(0, 50, 1);
      await().atMost(SOON).until(() -> worker.events.finished.size() == 51);

      List<Tried> attempts = tried.stream().filter(each -> each.id().equals("down")).toList();
      assertThat(attempts).extracting(Tried::attempt).containsExactly(1, 2, 3);
      for (int step = 0; step < LADDER.size(); step++) {
        Duration waited = between(attempts.get(step), attempts.get(step + 1));
        System.out.println("tried again after " + waited + ", due after " + LADDER.get(step));
        // The time at which it is due travels in whole milliseconds.
        assertThat(waited).isGreaterThanOrEqualTo(LADDER.get(step).minusMillis(1));
      }

      ConsumerRecord<byte[], byte[]> buried =
          wire.read(wire.topics.deadLetters()).stream().findFirst().orElseThrow();
      assertThat(buried.key()).isEqualTo(key);
      assertThat(buried.value()).isEqualTo(value);
      assertThat(buried.headers().lastHeader("traceparent").value()).isEqualTo(new byte[] {1, 2});
      assertThat(new String(header(buried, "kafka_dlt-original-topic"), StandardCharsets.UTF_8))
          .isEqualTo(wire.requests());
      assertThat(ByteBuffer.wrap(header(buried, "kafka_dlt-original-offset")).getLong()).isZero();
      assertThat(ByteBuffer.wrap(header(buried, "sluice-attempts")).getInt()).isEqualTo(3);
      Instant firstFailure =
          Instant.ofEpochMilli(ByteBuffer.wrap(header(buried, "sluice-first-failure")).getLong());
      assertThat(firstFailure).isBetween(attempts.get(0).at().minusMillis(1), attempts.get(1).at());
      for (int step = 0; step < LADDER.size(); step++) {
        ConsumerRecord<byte[], byte[]> waited =
            wire.read(wire.topics.retryTopic(wire.requests(), step)).getFirst();
        assertThat(waited.key()).isEqualTo(key);
        assertThat(waited.value()).isEqualTo(value);
        assertThat(ByteBuffer.wrap(header(waited, "sluice-attempts")).getInt()).isEqualTo(step + 1);
      }

      InferenceResult result =
          wire.results().stream()
              .filter(each -> each.getRequestId().equals("down"))
              .findFirst()
              .orElseThrow();
      assertThat(result.getStatus()).isEqualTo(Status.FAILED);
      assertThat(result.getError().getAttempts()).isEqualTo(3);
      assertThat(result.getTimings().getTotal()).isGreaterThan(2000);
      ConsumerRecord<byte[], byte[]> answer =
          wire.read(wire.topics.results()).stream()
              .filter(each -> wire.decode(each).getRequestId().equals("down"))
              .findFirst()
              .orElseThrow();
      assertThat(answer.key()).isEqualTo(key);
      assertThat(answer.headers().toArray())
          .as("the request's own headers alone")
          .extracting(org.apache.kafka.common.header.Header::key)
          .containsExactly("traceparent");
      assertThat(wire.answers()).allSatisfy((_, count) -> assertThat(count).isEqualTo(1));
    }
  }

  /** What waits on a retry topic is not lost with the worker, and its time goes on. */
  @Test
  void aLaterWorkerTakesUpWhatWaits() {
    Map<String, Integer> attempts = new ConcurrentHashMap<>();
    try (Wire wire = Wire.withRetries(kafka, registry, names, 2, LADDER)) {
      try (TestWorker first =
          TestWorker.start(
              wire.connection,
              wire.topics,
              TestWorker.SETTINGS,
              (_, _) -> {
                throw new TaskException(ErrorCode.IMAGE_UNAVAILABLE, "503");
              })) {
        wire.sendRequests(0, 20, 2);
        await().atMost(SOON).until(() -> first.events.postponed.size() >= 20);
        assertThat(first.stop(Duration.ofSeconds(5))).isEqualTo(IntakeSnapshot.Phase.STOPPED);
      }
      try (TestWorker second =
          TestWorker.start(
              wire.connection,
              wire.topics,
              TestWorker.SETTINGS,
              (task, _) -> {
                attempts.put(task.requestId(), task.attempt().number());
                return TestWorker.success(task);
              })) {
        await().atMost(SOON).until(() -> second.events.finished.size() >= 20);
      }
      assertThat(attempts)
          .hasSize(20)
          .allSatisfy((_, attempt) -> assertThat(attempt).isBetween(2, 3));
      assertThat(wire.answers()).hasSize(20).allSatisfy((_, count) -> assertThat(count).isOne());
      assertThat(wire.read(wire.topics.deadLetters())).isEmpty();
    }
  }

  /** Whatever hangs every time comes to its end, with an answer like any other request. */
  @Test
  void aRequestThatAlwaysHangsIsAnswered() {
    CountDownLatch never = new CountDownLatch(1);
    IntakeSettings impatient =
        new IntakeSettings(
            new Bounds(1000, 64 << 20, 500),
            Duration.ofMillis(200),
            Duration.ofSeconds(5),
            Duration.ofSeconds(1),
            new Ordering.None());
    try (Wire wire = Wire.withRetries(kafka, registry, names, 1, LADDER);
        TestWorker worker =
            TestWorker.start(
                wire.connection,
                wire.topics,
                impatient,
                (task, _) -> {
                  if (task.requestId().equals("r-3")) {
                    never.await();
                  }
                  return TestWorker.success(task);
                })) {
      wire.sendRequests(0, 10, 1);
      await().atMost(SOON).until(() -> worker.events.finished.size() == 10);
      assertThat(worker.events.undecodable).isEmpty();
      assertThat(wire.results())
          .hasSize(10)
          .filteredOn(each -> each.getStatus() == Status.FAILED)
          .singleElement()
          .satisfies(each -> {
            assertThat(each.getRequestId()).isEqualTo("r-3");
            assertThat(each.getError().getCode()).isEqualTo("INTERNAL");
            assertThat(each.getError().getAttempts()).isEqualTo(LADDER.size() + 1);
          });
      assertThat(wire.read(wire.topics.deadLetters())).hasSize(1);
    }
  }

  /** The naive worker commits nothing more of a partition in which one record hangs. */
  @Test
  void aRecordThatHangsGoesToARetryTopicSoThatItsPartitionMovesOn() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    IntakeSettings impatient =
        new IntakeSettings(
            new Bounds(1000, 64 << 20, 500),
            Duration.ofMillis(200),
            Duration.ofSeconds(5),
            Duration.ofSeconds(1),
            new Ordering.None());
    try (Wire wire = Wire.withRetries(kafka, registry, names, 1, LADDER);
        TestWorker worker =
            TestWorker.start(
                wire.connection,
                wire.topics,
                impatient,
                (task, parking) -> {
                  if (task.requestId().equals("r-3") && task.attempt().number() == 1) {
                    never.await();
                  }
                  if (task.requestId().equals("r-5")
                      && task.attempt() instanceof dev.sluice.worker.model.Attempt.First) {
                    parkForEver(parking, never);
                  }
                  return TestWorker.success(task);
                })) {
      wire.sendRequests(0, 20, 1);
      await().atMost(SOON).until(() -> worker.events.finished.size() == 20);
      assertThat(worker.events.postponed).hasSize(2);
      await().atMost(SOON).until(() -> wire.committed() == 22);
      List<ConsumerRecord<byte[], byte[]>> waited =
          wire.read(wire.topics.retryTopic(wire.requests(), 0));
      assertThat(waited)
          .extracting(each -> ByteBuffer.wrap(header(each, "sluice-attempts")).getInt())
          .as("what hung has been tried, what waited for something that is down has not")
          .containsExactlyInAnyOrder(1, 0);
      assertThat(wire.answers()).hasSize(20).allSatisfy((_, count) -> assertThat(count).isOne());
    }
  }

  /** An outage is when workers are restarted; the naive one uses up its drain budget each time. */
  @Test
  void aWorkerThatStopsDoesNotWaitForWhatIsDown() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    try (Wire wire = Wire.withRetries(kafka, registry, names, 1, LADDER)) {
      try (TestWorker worker =
          TestWorker.start(
              wire.connection,
              wire.topics,
              TestWorker.SETTINGS,
              (task, parking) -> {
                if (task.requestId().endsWith("5")) {
                  parkForEver(parking, never);
                }
                return TestWorker.success(task);
              })) {
        wire.sendRequests(0, 20, 1);
        await().atMost(SOON).until(() -> worker.events.finished.size() == 18);
        await().atMost(SOON).until(() -> worker.intake.snapshot().parked() == 2);

        assertThat(CompletableFuture.supplyAsync(() -> worker.stop(Duration.ofHours(1))))
            .succeedsWithin(SOON)
            .isEqualTo(IntakeSnapshot.Phase.STOPPED);

        assertThat(wire.answers()).hasSize(18);
      }
      try (TestWorker next =
          TestWorker.start(
              wire.connection, wire.topics, TestWorker.SETTINGS, TestWorker::success)) {
        await().atMost(SOON).until(() -> wire.answers().size() == 20);
        assertThat(next.events.abandoned).isEmpty();
      }
    }
  }

  private static void parkForEver(Parking parking, CountDownLatch never)
      throws InterruptedException {
    parking.entered("an origin");
    try {
      never.await();
    } finally {
      parking.left();
    }
  }

  private static Duration between(Tried one, Tried next) {
    return Duration.between(one.at(), next.at());
  }

  private static byte[] header(ConsumerRecord<byte[], byte[]> record, String name) {
    return record.headers().lastHeader(name).value();
  }
}

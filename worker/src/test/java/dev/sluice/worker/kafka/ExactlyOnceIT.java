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
import dev.sluice.worker.model.ImageInfo;
import dev.sluice.worker.model.Outcome;
import dev.sluice.worker.model.Output;
import dev.sluice.worker.model.TaskException;
import dev.sluice.worker.model.Timings;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Transactions, on a real broker: what a reader of committed records sees. */
@WithDevstack
class ExactlyOnceIT {
  private static final Duration SOON = Duration.ofSeconds(60);

  /** So that the other worker finds something to do. */
  private static final IntakeSettings SLOW =
      new IntakeSettings(
          new Bounds(30, 64 << 20, 500),
          Duration.ofMillis(200),
          Duration.ofSeconds(5),
          Duration.ofMinutes(5),
          new Ordering.None());

  private final KafkaCluster kafka;
  private final SchemaRegistry registry;
  private final FreshNames names;

  ExactlyOnceIT(KafkaCluster kafka, SchemaRegistry registry, FreshNames names) {
    this.kafka = kafka;
    this.registry = registry;
    this.names = names;
  }

  private static TestWorker start(
      Wire wire,
      String name,
      GroupProtocol protocol,
      IntakeSettings settings,
      Processor processor) {
    return TestWorker.start(
        wire.connection, protocol, Guarantee.EXACTLY_ONCE, name, wire.topics, settings, processor);
  }

  private static TestWorker start(Wire wire, Processor processor) {
    return start(wire, "worker", GroupProtocol.CONSUMER, TestWorker.SETTINGS, processor);
  }

  /** At least once answers some twice here: what was sent since the last commit. */
  @Test
  void eachRequestIsAnsweredOnceThoughAWorkerIsKilled() throws IOException {
    try (Wire wire = Wire.open(kafka, registry, names, 2)) {
      wire.sendRequests(0, 400, 2);
      Process killed = KilledWorker.start(wire, GroupProtocol.CLASSIC, Guarantee.EXACTLY_ONCE);
      try {
        await().atMost(SOON).until(() -> wire.answers().size() > 60 && wire.committed() > 0);
      } finally {
        killed.destroyForcibly();
      }
      ConnectionSettings shortSessions = wire.withConsumer(Map.of("session.timeout.ms", "6000"));
      try (TestWorker next =
          TestWorker.start(
              shortSessions,
              GroupProtocol.CLASSIC,
              Guarantee.EXACTLY_ONCE,
              "killed",
              wire.topics,
              TestWorker.SETTINGS,
              TestWorker::success)) {
        await().atMost(SOON).until(() -> wire.committed() == 400);
        assertThat(next.events.started).hasSizeLessThan(400);
      }
      assertThat(wire.answers())
          .hasSize(400)
          .allSatisfy((id, times) -> assertThat(times).as(id).isOne());
    }
  }

  /** Results ahead of the offset would be there a second time after a crash. */
  @Test
  void onlyTheFinishedPrefixIsStored() {
    CountDownLatch first = new CountDownLatch(1);
    try (Wire wire = Wire.open(kafka, registry, names, 1);
        TestWorker worker =
            start(
                wire,
                (task, _) -> {
                  if (task.requestId().equals("r-5")) {
                    first.await();
                  }
                  return TestWorker.success(task);
                })) {
      wire.sendRequests(0, 50, 1);
      await().atMost(SOON).until(() -> wire.committed() == 5);
      await().atMost(SOON).until(() -> worker.intake.snapshot().inFlight() == 1);
      assertThat(wire.answers()).containsOnlyKeys("r-0", "r-1", "r-2", "r-3", "r-4");
      first.countDown();
      await().atMost(SOON).until(() -> wire.committed() == 50);
      assertThat(wire.results())
          .extracting(InferenceResult::getRequestId)
          .as("in the order of their requests, since a partition's prefix is")
          .containsExactlyElementsOf(
              java.util.stream.IntStream.range(0, 50).mapToObj(i -> "r-" + i).toList());
    }
  }

  @ParameterizedTest
  @EnumSource(GroupProtocol.class)
  void partitionsMoveBetweenWorkers(GroupProtocol protocol) {
    Processor unsteady =
        (task, _) -> {
          Thread.sleep(ThreadLocalRandom.current().nextInt(100));
          return TestWorker.success(task);
        };
    try (Wire wire = Wire.open(kafka, registry, names, 4);
        TestWorker first = start(wire, "first", protocol, SLOW, unsteady)) {
      wire.sendRequests(0, 2000, 4);
      await().atMost(SOON).until(() -> first.events.finished.size() > 100);
      try (TestWorker second = start(wire, "second", protocol, SLOW, unsteady)) {
        wire.sendRequests(2000, 4000, 4);
        await().atMost(SOON).until(() -> second.events.finished.size() > 100);
        assertThat(first.stop(SOON)).isEqualTo(IntakeSnapshot.Phase.STOPPED);
        await().atMost(SOON).until(() -> wire.committed() == 4000);
      }
      assertThat(wire.answers())
          .hasSize(4000)
          .allSatisfy((id, times) -> assertThat(times).as(id).isOne());
    }
  }

  /** A dead letter whose topic is missing keeps its partition, and nobody else. */
  @Test
  void aTopicThatTakesNothingHoldsNobodyElseUp() {
    try (Wire wire = Wire.bare(kafka, registry, names, 2);
        TestWorker worker =
            start(
                wire,
                (task, _) -> {
                  if (task.requestId().equals("r-10")) {
                    throw new TaskException(ErrorCode.IMAGE_CORRUPT, "not an image");
                  }
                  return TestWorker.success(task);
                })) {
      kafka.createTopic(wire.topics.results(), 1);
      wire.sendRequests(0, 100, 2);
      await().atMost(SOON).until(() -> wire.answers().size() == 55);
      await().atMost(SOON).until(() -> !worker.events.sendsFailed.isEmpty());
      // The mark that a transaction has ended comes to the offsets in its own time.
      await().atMost(SOON).until(() -> wire.committed() >= 55);
      assertThat(wire.committed()).as("5 of one partition, all of the other").isEqualTo(55);
      assertThat(worker.events.sendsFailed).contains(wire.topics.deadLetters());
      kafka.createTopic(wire.topics.deadLetters(), 1);
      await().atMost(SOON).until(() -> wire.committed() == 100);
      assertThat(wire.answers())
          .hasSize(100)
          .allSatisfy((id, times) -> assertThat(times).as(id).isOne());
      assertThat(wire.read(wire.topics.deadLetters())).hasSize(1);
    }
  }

  @Test
  void whatIsTooLargeEndsAndTheOthersAreStored() {
    try (Wire wire = Wire.bare(kafka, registry, names, 1)) {
      kafka.createTopic(wire.topics.results(), 1, Map.of("max.message.bytes", "20000"));
      kafka.createTopic(wire.topics.deadLetters(), 1, Map.of("max.message.bytes", "20000"));
      try (TestWorker worker =
          start(
              wire,
              (task, _) -> task.requestId().equals("r-3") ? large() : TestWorker.success(task))) {
        wire.sendRequests(0, 10, 1);
        await().atMost(SOON).until(() -> wire.committed() == 10);
        assertThat(worker.events.started).hasSize(10);
      }
      assertThat(wire.results())
          .hasSize(10)
          .filteredOn(each -> each.getStatus() == Status.FAILED)
          .singleElement()
          .satisfies(each -> {
            assertThat(each.getRequestId()).isEqualTo("r-3");
            assertThat(each.getError().getCode()).isEqualTo("MODEL_FAILED");
          });
      assertThat(wire.read(wire.topics.deadLetters())).hasSize(1);
    }
  }

  /** What was published is bounded in memory also while nothing can be stored. */
  @Test
  void theRunAheadIsBoundedWhileNothingCanBeStored() {
    IntakeSettings shortRunAhead =
        new IntakeSettings(
            new Bounds(1000, 64 << 20, 50),
            Duration.ofMillis(200),
            Duration.ZERO,
            Duration.ofMinutes(5),
            new Ordering.None());
    try (Wire wire = Wire.bare(kafka, registry, names, 1);
        TestWorker worker =
            TestWorker.start(
                wire.connection,
                GroupProtocol.CONSUMER,
                Guarantee.EXACTLY_ONCE,
                "worker",
                wire.topics,
                shortRunAhead,
                TestWorker::success)) {
      kafka.createTopic(wire.topics.deadLetters(), 1);
      wire.sendRequests(0, 500, 1);
      await().atMost(SOON).until(() -> worker.events.sendsFailed.size() > 1);
      assertThat(worker.events.started).hasSize(50);
      assertThat(wire.committed()).isZero();
      kafka.createTopic(wire.topics.results(), 1);
      await().atMost(SOON).until(() -> wire.committed() == 500);
      assertThat(wire.answers())
          .hasSize(500)
          .allSatisfy((id, times) -> assertThat(times).as(id).isOne());
    }
  }

  private static Outcome large() {
    return new Outcome.Succeeded(
        "signs",
        "1",
        new Output.Embedding(new float[50_000]),
        new ImageInfo(640, 480, "jpeg", 1000),
        8,
        new Timings(1, 2, 3, 4, 5, 15));
  }
}

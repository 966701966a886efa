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
import dev.sluice.worker.model.TaskException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Results of one key in the order of its requests, on a real broker. */
@WithDevstack
class OrderingIT {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final List<Duration> LADDER =
      List.of(Duration.ofMillis(300), Duration.ofMillis(600));

  private final KafkaCluster kafka;
  private final SchemaRegistry registry;
  private final FreshNames names;

  OrderingIT(KafkaCluster kafka, SchemaRegistry registry, FreshNames names) {
    this.kafka = kafka;
    this.registry = registry;
    this.names = names;
  }

  private static IntakeSettings byKey(int mostPerKey) {
    return new IntakeSettings(
        new Bounds(1000, 64 << 20, 500),
        Duration.ofMillis(200),
        Duration.ofSeconds(5),
        Duration.ofDays(1),
        new Ordering.ByKey(mostPerKey));
  }

  private static TestWorker start(
      Wire wire, Guarantee guarantee, IntakeSettings settings, Processor processor) {
    return TestWorker.start(
        wire.connection,
        GroupProtocol.CONSUMER,
        guarantee,
        "worker",
        wire.topics,
        settings,
        processor);
  }

  /** Request number i has the key i % keys. */
  private static void send(Wire wire, int count, int keys) {
    for (int i = 0; i < count; i++) {
      byte[] key = ("key-" + i % keys).getBytes(StandardCharsets.UTF_8);
      wire.send(
          new ProducerRecord<>(wire.requests(), key, wire.encode(Wire.request("r-" + i).build())));
    }
    wire.flush();
  }

  /**
   * Naively, what is quick overtakes what is slow, and a retry comes back behind its successors.
   */
  @ParameterizedTest
  @EnumSource(Guarantee.class)
  void resultsOfOneKeyAppearInTheOrderOfItsRequests(Guarantee guarantee) {
    Set<String> failedOnce = ConcurrentHashMap.newKeySet();
    try (Wire wire = Wire.withRetries(kafka, registry, names, 3, LADDER);
        TestWorker worker =
            start(
                wire,
                guarantee,
                byKey(100),
                (task, _) -> {
                  Thread.sleep(ThreadLocalRandom.current().nextInt(20));
                  int number = Integer.parseInt(task.requestId().substring(2));
                  if (number % 97 == 0 && failedOnce.add(task.requestId())) {
                    throw new TaskException(ErrorCode.IMAGE_UNAVAILABLE, "for once");
                  }
                  if (number == 50) {
                    throw new TaskException(ErrorCode.IMAGE_UNAVAILABLE, "for ever");
                  }
                  return TestWorker.success(task);
                })) {
      send(wire, 1000, 10);
      await().atMost(SOON).until(() -> wire.committed() == 1000);
      assertThat(worker.events.waitingInPlace).hasSizeGreaterThan(10);
      assertThat(worker.events.postponed).isEmpty();
      Map<Integer, Integer> last = new HashMap<>();
      for (InferenceResult result : wire.results()) {
        int number = Integer.parseInt(result.getRequestId().substring(2));
        Integer before = last.put(number % 10, number);
        assertThat(before == null || before < number).as("%d after %d", number, before).isTrue();
        if (number == 50) {
          assertThat(result.getStatus()).isEqualTo(Status.FAILED);
          assertThat(result.getError().getAttempts()).isEqualTo(3);
        }
      }
      assertThat(wire.answers()).hasSize(1000);
      assertThat(wire.read(wire.topics.deadLetters())).hasSize(1);
    }
  }

  /** Naively each waits until the one before it is committed: one record in a transaction. */
  @Test
  void recordsOfOneKeyShareTransactions() {
    try (Wire wire = Wire.withRetries(kafka, registry, names, 1, LADDER);
        TestWorker worker =
            start(
                wire,
                Guarantee.EXACTLY_ONCE,
                byKey(100),
                (task, _) -> {
                  Thread.sleep(ThreadLocalRandom.current().nextInt(20));
                  return TestWorker.success(task);
                })) {
      send(wire, 400, 1);
      await().atMost(SOON).until(() -> wire.committed() == 400);
      assertThat(wire.results().stream().map(InferenceResult::getRequestId))
          .containsExactlyElementsOf(IntStream.range(0, 400).mapToObj(i -> "r-" + i).toList());
      assertThat(worker.events.committed).hasSizeLessThan(200);
    }
  }

  @Test
  void aKeyThatWaitsHoldsUpNobodyButItselfAndIsBounded() {
    CountDownLatch slow = new CountDownLatch(1);
    try (Wire wire = Wire.withRetries(kafka, registry, names, 1, LADDER);
        TestWorker worker =
            start(
                wire,
                Guarantee.AT_LEAST_ONCE,
                byKey(5),
                (task, _) -> {
                  if (task.requestId().equals("r-0")) {
                    slow.await();
                  }
                  return TestWorker.success(task);
                })) {
      send(wire, 200, 20);
      // Key 0 has the numbers 0, 20, 40, 60, 80 in flight; 100 keeps the partition waiting.
      await().atMost(SOON).until(() -> wire.answers().size() == 95);
      assertThat(worker.events.started).hasSize(100);
      assertThat(wire.answers().keySet()).doesNotContain("r-0", "r-20", "r-40", "r-60", "r-80");
      assertThat(wire.committed()).isZero();
      slow.countDown();
      await().atMost(SOON).until(() -> wire.committed() == 200);
      List<String> ofKeyZero =
          wire.results().stream()
              .map(InferenceResult::getRequestId)
              .filter(id -> Integer.parseInt(id.substring(2)) % 20 == 0)
              .toList();
      assertThat(ofKeyZero)
          .containsExactlyElementsOf(IntStream.range(0, 10).mapToObj(i -> "r-" + i * 20).toList());
    }
  }
}

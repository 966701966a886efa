package dev.sluice.worker.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.devstack.KafkaCluster;
import dev.sluice.devstack.SchemaRegistry;
import dev.sluice.devstack.junit.FreshNames;
import dev.sluice.devstack.junit.WithDevstack;
import dev.sluice.v1.InferenceResult;
import dev.sluice.v1.Status;
import dev.sluice.worker.ledger.Bounds;
import dev.sluice.worker.ledger.Epochs;
import dev.sluice.worker.ledger.PartitionId;
import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.Outcome;
import dev.sluice.worker.model.Output;
import dev.sluice.worker.model.Position;
import dev.sluice.worker.model.TaskException;
import dev.sluice.worker.model.Timings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

/** Delivery, on a real broker and a real registry. */
@WithDevstack
class IntakeIT {
  private static final Duration SOON = Duration.ofSeconds(30);

  private final KafkaCluster kafka;
  private final SchemaRegistry registry;
  private final FreshNames names;

  IntakeIT(KafkaCluster kafka, SchemaRegistry registry, FreshNames names) {
    this.kafka = kafka;
    this.registry = registry;
    this.names = names;
  }

  @Test
  void commitsOnlyThePrefixWhileOthersFinishOutOfOrder() {
    CountDownLatch slow = new CountDownLatch(1);
    try (Wire wire = Wire.open(kafka, registry, names, 1);
        TestWorker worker =
            TestWorker.start(
                wire.connection,
                wire.topics,
                TestWorker.SETTINGS,
                (task, _) -> {
                  if (task.requestId().equals("r-7")) {
                    slow.await();
                  }
                  return TestWorker.success(task);
                })) {
      wire.sendRequests(0, 200, 1);
      await().atMost(SOON).until(() -> worker.events.finished.size() == 199);
      await().atMost(SOON).until(() -> wire.committed() == 7);
      await().atMost(SOON).until(() -> worker.intake.snapshot().inFlight() == 1);
      slow.countDown();
      await().atMost(SOON).until(() -> wire.committed() == 200);
      assertThat(wire.answers()).hasSize(200).allSatisfy((id, times) -> assertThat(times).isOne());
      assertThat(worker.events.committed).extracting(each -> each.offset()).isSorted();
      assertThat(worker.stop(SOON)).isEqualTo(IntakeSnapshot.Phase.STOPPED);
    }
  }

  /** With linger.ms at a minute nobody would be answered soon who waits although nobody follows. */
  @Test
  void noResultWaitsForOthersWhenThereAreNone() {
    CountDownLatch sending = new CountDownLatch(3);
    CountDownLatch last = new CountDownLatch(1);
    try (Wire wire = Wire.open(kafka, registry, names, 1);
        TestWorker worker =
            TestWorker.start(
                withProducer(
                    wire.connection, Map.of("linger.ms", "60000", "delivery.timeout.ms", "120000")),
                wire.topics,
                TestWorker.SETTINGS,
                (task, _) -> {
                  if (task.requestId().equals("r-1")) {
                    last.await();
                  }
                  sending.countDown();
                  return TestWorker.success(task);
                })) {
      wire.sendRequests(0, 1, 1);
      await().atMost(SOON).until(() -> worker.events.finished.size() == 1);
      wire.sendRequests(1, 3, 1);
      // The second waits for the first to join it, and goes with it.
      await().atMost(SOON).until(() -> sending.getCount() == 1);
      last.countDown();
      await().atMost(SOON).until(() -> worker.events.finished.size() == 3);
    }
  }

  private static ConnectionSettings withProducer(
      ConnectionSettings connection, Map<String, String> producer) {
    return new ConnectionSettings(
        connection.bootstrapServers(),
        connection.schemaRegistryUrl(),
        connection.groupId(),
        connection.properties(),
        connection.consumer(),
        producer);
  }

  @Test
  void aResultCarriesWhatItsRequestBroughtAlong() {
    try (Wire wire = Wire.open(kafka, registry, names, 1);
        TestWorker worker =
            TestWorker.start(
                wire.connection, wire.topics, TestWorker.SETTINGS, TestWorker::success)) {
      Headers headers =
          new RecordHeaders()
              .add("traceparent", "00-abc-def-01".getBytes(UTF_8))
              .add("traceparent", "again".getBytes(UTF_8))
              .add("binary", new byte[] {0, -1});
      byte[] value = wire.encode(Wire.request("a").setMetadata(Map.of("tenant", "t")).build());
      wire.send(new ProducerRecord<>(wire.requests(), null, "key".getBytes(UTF_8), value, headers));
      wire.send(new ProducerRecord<>(wire.requests(), wire.encode(Wire.request("b").build())));
      await().atMost(SOON).until(() -> worker.events.finished.size() == 2);

      List<ConsumerRecord<byte[], byte[]>> results = wire.read(wire.topics.results());
      ConsumerRecord<byte[], byte[]> keyed =
          results.stream().filter(each -> text(each.key()).equals("key")).findFirst().orElseThrow();
      assertThat(keyed.headers().toArray()).isEqualTo(headers.toArray());
      assertThat(results)
          .extracting(each -> text(each.key()))
          .containsExactlyInAnyOrder("key", "b");
      InferenceResult result = wire.decode(keyed);
      assertThat(result.getRequestId()).isEqualTo("a");
      assertThat(result.getStatus()).isEqualTo(Status.SUCCEEDED);
      assertThat(result.getMetadata()).isEqualTo(Map.of("tenant", "t"));
      assertThat(result.getModel()).isEqualTo("signs");
      assertThat(result.getBatchSize()).isEqualTo(8);
      assertThat(result.getWorker()).isEqualTo("test-worker");
      assertThat(result.getTimings().getBatchWait()).isEqualTo(4);
      assertThat(((dev.sluice.v1.Embedding) result.getOutput()).getValues())
          .containsExactly(0.5f, 1.5f);
    }
  }

  @Test
  void hostileRecordsBecomeDeadLettersByteForByteAndNobodyElseSuffers() {
    try (Wire wire = Wire.open(kafka, registry, names, 1);
        TestWorker worker =
            TestWorker.start(
                wire.connection, wire.topics, TestWorker.SETTINGS, TestWorker::success)) {
      List<byte[]> hostile = hostile(wire.encode(Wire.request("x").build()));
      long seed = System.nanoTime();
      Random random = new Random(seed);
      byte[] key = {1, 0, -1};
      for (int i = 0; i < hostile.size(); i++) {
        byte[] noise = new byte[8];
        random.nextBytes(noise);
        wire.send(
            new ProducerRecord<>(
                wire.requests(), null, key, hostile.get(i), new RecordHeaders().add("n", noise)));
        wire.sendRequests(i, i + 1, 1);
      }
      wire.send(new ProducerRecord<>(wire.requests(), 0, key, null));
      wire.flush();
      long sent = 2L * hostile.size() + 1;
      await().atMost(SOON).until(() -> wire.committed() == sent);

      assertThat(wire.answers()).hasSize(hostile.size());
      assertThat(wire.results()).allMatch(each -> each.getStatus() == Status.SUCCEEDED);
      List<ConsumerRecord<byte[], byte[]>> requests = wire.read(wire.requests());
      List<ConsumerRecord<byte[], byte[]>> letters = wire.read(wire.topics.deadLetters());
      assertThat(letters).as("seed %d", seed).hasSize(hostile.size() + 1);
      for (ConsumerRecord<byte[], byte[]> letter : letters) {
        long offset = number(letter.headers(), "kafka_dlt-original-offset");
        ConsumerRecord<byte[], byte[]> original = requests.get((int) offset);
        assertThat(letter.key()).isEqualTo(original.key());
        assertThat(letter.value()).isEqualTo(original.value());
        assertThat(
                Arrays.asList(letter.headers().toArray())
                    .subList(0, original.headers().toArray().length))
            .isEqualTo(Arrays.asList(original.headers().toArray()));
        assertThat(number(letter.headers(), "kafka_dlt-original-timestamp"))
            .isEqualTo(original.timestamp());
        assertThat(text(letter.headers(), "kafka_dlt-original-topic")).isEqualTo(wire.requests());
        assertThat(text(letter.headers(), "kafka_dlt-original-timestamp-type"))
            .isEqualTo("CreateTime");
        assertThat(text(letter.headers(), "kafka_dlt-original-consumer-group"))
            .isEqualTo(wire.connection.groupId());
        assertThat(text(letter.headers(), "sluice-error-code")).isEqualTo("INVALID_REQUEST");
      }
      assertThat(worker.events.undecodable).hasSize(hostile.size() + 1);
    }
  }

  private static List<byte[]> hostile(byte[] good) {
    List<byte[]> all = new ArrayList<>();
    all.add(new byte[0]);
    all.add(new byte[] {0});
    all.add("{\"request_id\": \"json\"}".getBytes(UTF_8));
    byte[] magic = good.clone();
    magic[0] = 1;
    all.add(magic);
    byte[] unknown = good.clone();
    ByteBuffer.wrap(unknown).putInt(1, 987_654_321);
    all.add(unknown);
    byte[] negative = good.clone();
    ByteBuffer.wrap(negative).putInt(1, -5);
    all.add(negative);
    all.add(Arrays.copyOf(good, 5));
    all.add(Arrays.copyOf(good, good.length - 4));
    // A string of 2 GiB, as Avro's variable-length zig-zag number says.
    byte[] absurd = Arrays.copyOf(good, 11);
    System.arraycopy(new byte[] {-2, -1, -1, -1, 15, 0}, 0, absurd, 5, 6);
    all.add(absurd);
    byte[] below = Arrays.copyOf(good, 7);
    below[5] = 3; // length -2
    all.add(below);
    Random random = new Random(1);
    for (int i = 0; i < 20; i++) {
      byte[] noise = new byte[random.nextInt(1, 2000)];
      random.nextBytes(noise);
      // After the schema id, so that Avro sees it; 0xff bytes make lengths absurd or negative.
      System.arraycopy(good, 0, noise, 0, Math.min(5, noise.length));
      Arrays.fill(noise, Math.min(5, noise.length), Math.min(14, noise.length), (byte) 0xff);
      all.add(noise);
    }
    return all;
  }

  @Test
  void aBrokenRuleIsAnsweredAndKept() {
    try (Wire wire = Wire.open(kafka, registry, names, 1);
        TestWorker worker =
            TestWorker.start(
                wire.connection,
                wire.topics,
                TestWorker.SETTINGS,
                (task, _) -> {
                  throw new IllegalStateException("a bug for " + task.requestId());
                })) {
      wire.send(
          new ProducerRecord<>(
              wire.requests(),
              wire.encode(
                  Wire.request("both")
                      .setImageBytes(ByteBuffer.wrap(new byte[] {1}))
                      .setMetadata(Map.of("m", "v"))
                      .build())));
      wire.send(new ProducerRecord<>(wire.requests(), wire.encode(Wire.request("").build())));
      wire.send(new ProducerRecord<>(wire.requests(), wire.encode(Wire.request("bug").build())));
      await().atMost(SOON).until(() -> worker.events.finished.size() == 3);
      List<InferenceResult> results = wire.results();
      assertThat(results).allMatch(each -> each.getStatus() == Status.FAILED);
      assertThat(results)
          .filteredOn(each -> each.getRequestId().equals("both"))
          .singleElement()
          .satisfies(each -> {
            assertThat(each.getError().getCode()).isEqualTo("INVALID_REQUEST");
            assertThat(each.getError().getAttempts()).isEqualTo(1);
            assertThat(each.getMetadata()).isEqualTo(Map.of("m", "v"));
          });
      assertThat(results)
          .filteredOn(each -> each.getRequestId().equals("bug"))
          .singleElement()
          .satisfies(each -> assertThat(each.getError().getCode()).isEqualTo("INTERNAL"));
      assertThat(wire.read(wire.topics.deadLetters()))
          .extracting(each -> text(each.headers(), "sluice-error-code"))
          .containsExactlyInAnyOrder("INVALID_REQUEST", "INVALID_REQUEST", "INTERNAL");
    }
  }

  @Test
  void anOffsetWaitsForItsDeadLetterUntilTheTopicIsThere() {
    try (Wire wire = Wire.bare(kafka, registry, names, 1)) {
      kafka.createTopic(wire.topics.results(), 1);
      try (TestWorker worker =
          TestWorker.start(
              wire.connection,
              wire.topics,
              TestWorker.SETTINGS,
              (task, _) -> {
                if (task.requestId().equals("r-3")) {
                  throw new TaskException(ErrorCode.IMAGE_CORRUPT, "not an image");
                }
                return TestWorker.success(task);
              })) {
        wire.sendRequests(0, 10, 1);
        await()
            .atMost(SOON)
            .until(() -> worker.events.sendsFailed.contains(wire.topics.deadLetters()));
        await().atMost(SOON).until(() -> wire.committed() == 3);
        await().atMost(SOON).until(() -> wire.answers().size() == 9);
        assertThat(wire.answers()).doesNotContainKey("r-3");
        kafka.createTopic(wire.topics.deadLetters(), 1);
        await().atMost(SOON).until(() -> wire.committed() == 10);
        assertThat(wire.answers()).hasSize(10).allSatisfy((id, times) -> assertThat(times).isOne());
        assertThat(wire.read(wire.topics.deadLetters())).hasSize(1);
      }
    }
  }

  @Test
  void slowWorkPausesIntakeAndKeepsTheMembership() {
    CountDownLatch slow = new CountDownLatch(1);
    AtomicInteger atOnce = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    IntakeSettings tight =
        new IntakeSettings(
            new Bounds(4, 64 << 20, 500),
            Duration.ofMillis(200),
            Duration.ZERO,
            Duration.ofMinutes(5),
            new Ordering.None());
    try (Wire wire = Wire.open(kafka, registry, names, 2);
        TestWorker worker =
            TestWorker.start(
                wire.withConsumer(Map.of("max.poll.interval.ms", "3000")),
                wire.topics,
                tight,
                (task, _) -> {
                  most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
                  slow.await();
                  atOnce.decrementAndGet();
                  return TestWorker.success(task);
                })) {
      wire.sendRequests(0, 40, 2);
      await().atMost(SOON).until(() -> worker.intake.snapshot().inFlight() == 4);
      Instant begun = worker.intake.snapshot().takenAt();
      await()
          .atMost(SOON)
          .until(() -> worker.intake.snapshot().takenAt().isAfter(begun.plusSeconds(4)));
      IntakeSnapshot snapshot = worker.intake.snapshot();
      assertThat(snapshot.full()).isTrue();
      assertThat(snapshot.partitions()).hasSize(2).allMatch(IntakeSnapshot.Partition::paused);
      assertThat(snapshot.oldestInFlight()).isGreaterThan(Duration.ofSeconds(3));
      await()
          .atMost(SOON)
          .until(() -> worker.intake.snapshot().lastPoll().isAfter(begun.plusSeconds(4)));
      // Of a partition of which nothing was fetched before the pause, the end is asked for later.
      await().atMost(SOON).until(() -> lag(worker.intake.snapshot()) == 40);
      // Nothing is fetched from a partition that is paused, and yet its lag grows.
      wire.sendRequests(40, 60, 2);
      await().atMost(SOON).until(() -> lag(worker.intake.snapshot()) == 60);
      slow.countDown();
      await().atMost(SOON).until(() -> wire.committed() == 60);
      assertThat(most).hasValueLessThanOrEqualTo(4);
      assertThat(worker.events.lost).isEmpty();
      assertThat(worker.events.revoked).isEmpty();
      assertThat(worker.events.started).hasSize(60);
    }
  }

  private static long lag(IntakeSnapshot snapshot) {
    return snapshot.partitions().stream().mapToLong(each -> each.lag().orElse(0)).sum();
  }

  @Test
  void partitionsMoveBetweenWorkersWithoutLossOrRepetition() {
    Processor steady =
        (task, _) -> {
          Thread.sleep(50);
          return TestWorker.success(task);
        };
    IntakeSettings few =
        new IntakeSettings(
            new Bounds(20, 64 << 20, 500),
            Duration.ofMillis(200),
            Duration.ofSeconds(5),
            Duration.ofMinutes(5),
            new Ordering.None());
    try (Wire wire = Wire.open(kafka, registry, names, 4);
        TestWorker first = TestWorker.start(wire.connection, wire.topics, few, steady)) {
      wire.sendRequests(0, 1500, 4);
      await().atMost(SOON).until(() -> first.events.finished.size() > 100);
      try (TestWorker second = TestWorker.start(wire.connection, wire.topics, few, steady)) {
        await().atMost(SOON).until(() -> second.events.finished.size() > 100);
        await().atMost(SOON).until(() -> first.intake.snapshot().partitions().size() == 2);
        assertThat(first.stop(SOON)).isEqualTo(IntakeSnapshot.Phase.STOPPED);
        await().atMost(Duration.ofSeconds(60)).until(() -> wire.committed() == 1500);
        assertThat(wire.answers())
            .hasSize(1500)
            .allSatisfy((id, times) -> assertThat(times).as(id).isOne());
        assertThat(first.events.revoked).isNotEmpty();
        assertThat(first.events.abandoned).isEmpty();
        assertThat(first.intake.snapshot().phase()).isEqualTo(IntakeSnapshot.Phase.STOPPED);
      }
    }
  }

  @Test
  void whatDoesNotFinishInTheBudgetIsDoneByTheNext() {
    try (Wire wire = Wire.open(kafka, registry, names, 1)) {
      try (TestWorker stuck =
          TestWorker.start(
              wire.connection,
              wire.topics,
              TestWorker.SETTINGS,
              (task, _) -> {
                if (task.requestId().equals("r-5")) {
                  new CountDownLatch(1).await();
                }
                return TestWorker.success(task);
              })) {
        wire.sendRequests(0, 10, 1);
        await().atMost(SOON).until(() -> stuck.events.finished.size() == 9);
        assertThat(CompletableFuture.supplyAsync(() -> stuck.stop(Duration.ofMillis(500))))
            .succeedsWithin(SOON)
            .isEqualTo(IntakeSnapshot.Phase.STOPPED);
        assertThat(stuck.events.abandoned).hasSize(1);
        assertThat(wire.committed()).isEqualTo(5);
      }
      try (TestWorker next =
          TestWorker.start(
              wire.connection, wire.topics, TestWorker.SETTINGS, TestWorker::success)) {
        await().atMost(SOON).until(() -> wire.committed() == 10);
        assertThat(next.events.started).extracting(Position::offset).startsWith(5L);
        assertThat(wire.answers()).hasSize(10).containsEntry("r-5", 1);
      }
    }
  }

  @Test
  void aWorkerThatIsKilledLosesNothing() throws IOException {
    try (Wire wire = Wire.open(kafka, registry, names, 2)) {
      wire.sendRequests(0, 400, 2);
      Process killed = KilledWorker.start(wire, GroupProtocol.CLASSIC, Guarantee.AT_LEAST_ONCE);
      try {
        await().atMost(SOON).until(() -> wire.answers().size() > 60 && wire.committed() > 0);
      } finally {
        killed.destroyForcibly();
      }
      try (TestWorker next =
          TestWorker.start(
              wire.withConsumer(Map.of("session.timeout.ms", "6000")),
              wire.topics,
              TestWorker.SETTINGS,
              TestWorker::success)) {
        await().atMost(SOON).until(() -> wire.committed() == 400);
        assertThat(wire.answers()).hasSize(400);
        assertThat(next.events.started).hasSizeLessThan(400);
      }
    }
  }

  @Test
  void abortedRequestsWereNeverMadeAndLeaveNoLag() {
    try (Wire wire = Wire.open(kafka, registry, names, 1);
        TestWorker worker =
            TestWorker.start(
                wire.connection, wire.topics, TestWorker.SETTINGS, TestWorker::success);
        Producer<byte[], byte[]> transactional =
            new KafkaProducer<>(
                Map.of(
                    "bootstrap.servers",
                    kafka.bootstrapServers(),
                    "transactional.id",
                    names.of("transaction")),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
      transactional.initTransactions();
      for (String id : List.of("aborted-0", "kept-0", "kept-1", "aborted-1")) {
        transactional.beginTransaction();
        Future<RecordMetadata> sent =
            transactional.send(
                new ProducerRecord<>(wire.requests(), wire.encode(Wire.request(id).build())));
        transactional.flush();
        assertThat(sent).succeedsWithin(SOON);
        if (id.startsWith("kept")) {
          transactional.commitTransaction();
        } else {
          transactional.abortTransaction();
        }
      }
      // Four records and four markers; the last record and the last marker are never delivered.
      await().atMost(SOON).until(() -> wire.committed() == 8);
      assertThat(wire.answers()).containsOnlyKeys("kept-0", "kept-1");
      assertThat(worker.events.started).hasSize(2);
    }
  }

  @Test
  void whatIsTooLargeForItsTopicStillEnds() {
    try (Wire wire = Wire.bare(kafka, registry, names, 1)) {
      kafka.createTopic(wire.topics.results(), 1, Map.of("max.message.bytes", "4000"));
      kafka.createTopic(wire.topics.deadLetters(), 1, Map.of("max.message.bytes", "20000"));
      try (TestWorker worker =
          TestWorker.start(
              wire.connection,
              wire.topics,
              TestWorker.SETTINGS,
              (task, _) ->
                  new Outcome.Succeeded(
                      "signs",
                      "1",
                      new Output.Embedding(new float[task.requestId().equals("output") ? 3000 : 3]),
                      new dev.sluice.worker.model.ImageInfo(1, 1, "png", 1),
                      1,
                      new Timings(0, 0, 0, 0, 0, 0)))) {
        wire.send(
            new ProducerRecord<>(wire.requests(), wire.encode(Wire.request("output").build())));
        wire.send(
            new ProducerRecord<>(
                wire.requests(),
                wire.encode(
                    Wire.request("metadata")
                        .setMetadata(Map.of("m", "v".repeat(30_000)))
                        .build())));
        await().atMost(SOON).until(() -> worker.events.finished.size() == 2);

        assertThat(wire.results())
            .hasSize(2)
            .allSatisfy(each -> assertThat(each.getError().getCode()).isEqualTo("MODEL_FAILED"));
        List<ConsumerRecord<byte[], byte[]>> letters = wire.read(wire.topics.deadLetters());
        assertThat(letters).hasSize(2);
        assertThat(letters)
            .filteredOn(each -> each.value() == null)
            .singleElement()
            .satisfies(each -> {
              assertThat(number(each.headers(), "kafka_dlt-original-offset")).isEqualTo(1);
              assertThat(number(each.headers(), "sluice-omitted-bytes")).isGreaterThan(30_000);
            });
      }
    }
  }

  @Test
  void nothingIsPublishedForAPartitionThatWasLost() {
    try (Wire wire = Wire.open(kafka, registry, names, 1)) {
      Epochs epochs = new Epochs();
      PartitionId partition = new PartitionId(wire.requests(), 0);
      Position old = new Position(wire.requests(), 0, 0, epochs.begin(partition));
      epochs.end(partition);
      epochs.begin(partition);
      Events events = new Events();
      RegistryClient client = RegistryClient.open(wire.connection, Backoff.DEFAULT, events);
      try (Publisher publisher =
          Publisher.open(
              wire.connection,
              Guarantee.AT_LEAST_ONCE,
              wire.topics,
              new ResultCodec(client, wire.topics.results(), "w", true),
              epochs,
              new FlightCount(),
              new Mailbox(),
              Backoff.DEFAULT,
              events,
              InstantSource.system())) {
        ConsumerRecord<byte[], byte[]> record =
            new ConsumerRecord<>(wire.requests(), 0, 0, new byte[0], new byte[] {1});
        Received received = new Received(record, old, Provenance.of(record, wire.topics));
        TaskException reason = new TaskException(ErrorCode.INTERNAL, "late");
        assertThatThrownBy(() -> publisher.deadLetter(received, reason, 1))
            .isInstanceOf(PartitionLostException.class);
        assertThatThrownBy(() ->
                publisher.answer(
                    received,
                    Wire.request("late").build(),
                    new Outcome.Expired("batch", 1, new Timings(0, 0, 0, 0, 0, 0))))
            .isInstanceOf(PartitionLostException.class);
      }
      assertThat(wire.read(wire.topics.deadLetters())).isEmpty();
      assertThat(wire.read(wire.topics.results())).isEmpty();
    }
  }

  private static String text(byte[] bytes) {
    return new String(bytes, UTF_8);
  }

  private static String text(Headers headers, String name) {
    return text(headers.lastHeader(name).value());
  }

  private static long number(Headers headers, String name) {
    Header header = headers.lastHeader(name);
    return ByteBuffer.wrap(header.value()).getLong();
  }
}

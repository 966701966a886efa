package dev.sluice.system;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.devstack.KafkaCluster;
import dev.sluice.devstack.ObjectStore;
import dev.sluice.devstack.SchemaRegistry;
import dev.sluice.devstack.junit.FreshNames;
import dev.sluice.devstack.junit.WithDevstack;
import dev.sluice.devstack.onnx.OnnxModels;
import dev.sluice.system.HostileInput.Expected;
import dev.sluice.system.HostileInput.Sent;
import dev.sluice.tools.local.WorkerProcess;
import dev.sluice.v1.Classification;
import dev.sluice.v1.InferenceRequest;
import dev.sluice.v1.InferenceResult;
import io.confluent.kafka.serializers.KafkaAvroDeserializer;
import io.confluent.kafka.serializers.KafkaAvroSerializer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The hostile set against a worker process, twice, among good requests: each input ends as {@link
 * HostileInputs} says, the good ones succeed, the worker stays up, keeps no memory and commits
 * everything. What became of each input is left in {@code target/hostile-set.txt}.
 */
@WithDevstack
class HostileIT {
  private static final int GOOD = 500;
  private static final int PARTITIONS = 4;

  /**
   * What fails for a while is tried again later, too: attempts in place end two seconds after the
   * first began, and on a busy machine that one alone may take so long.
   */
  private static final String RETRY_STEP = "1s";

  private static final Duration LIMIT = Duration.ofMinutes(2);

  /** How much more the second round may leave resident than the first: noise of the allocators. */
  private static final long ALLOWED_GROWTH = 64L << 20;

  /** The heap of 512 MiB and what is native; the bombs alone would take gigabytes. */
  private static final long ALLOWED_PEAK = 800L << 20;

  private static final String COLOR_MODEL =
      """
      task: classification
      labels: [red, green, blue]
      """;

  @TempDir private Path folder;

  private final FreshNames names;
  private final ObjectStore store;
  private final Pipeline pipeline;

  HostileIT(KafkaCluster kafka, SchemaRegistry registry, ObjectStore store, FreshNames names) {
    this.names = names;
    this.store = store;
    this.pipeline = Pipeline.create(kafka, registry, names, PARTITIONS);
    kafka.createTopic(pipeline.requests() + "-retry-" + RETRY_STEP, 1);
  }

  @Test
  void nothingThatIsSentHurtsTheWorkerOrItsNeighbours() throws Exception {
    try (HostilePlaces places = new HostilePlaces(folder, store, names, pipeline)) {
      List<HostileInput> inputs = HostileInputs.all(places);
      assertThat(inputs.stream().map(HostileInput::name)).doesNotHaveDuplicates();
      Map<String, String> settings = pipeline.settings(models());
      settings.putAll(places.settings());
      settings.put("topics.retries", RETRY_STEP);
      try (WorkerProcess worker = WorkerProcess.start("hostile", folder, settings);
          Observed observed = new Observed(pipeline)) {
        Round first = round(1, inputs, places, observed, worker);
        long afterFirst = worker.residentBytes();
        Round second = round(2, inputs, places, observed, worker);
        long afterSecond = worker.residentBytes();
        long peak = peakResidentBytes(worker);
        System.out.printf(
            "hostile set: %d inputs and %d good requests, twice: %d ms and %d ms; resident %d MiB"
                + " and %d MiB, at most %d MiB%n",
            inputs.size(),
            GOOD,
            first.took().toMillis(),
            second.took().toMillis(),
            afterFirst >> 20,
            afterSecond >> 20,
            peak >> 20);

        assertThat(worker.isRunning()).isTrue();
        assertThat(worker.get("/health/ready").statusCode()).isEqualTo(200);
        assertThat(places.requestsToUnlisted()).as("requests to what is forbidden").isZero();
        assertThat(peak).as("peak").isLessThan(ALLOWED_PEAK);
        assertThat(afterSecond - afterFirst).as("growth").isLessThan(ALLOWED_GROWTH);
        assertThat(worker.log()).doesNotContain("failed unexpectedly", "OutOfMemoryError");
        assertCounted(worker, inputs);
        assertThat(worker.terminate(LIMIT)).as(worker.logTail()).isZero();
      }
    }
  }

  /** The most memory that the process has ever held (VmHWM of Linux). */
  private static long peakResidentBytes(WorkerProcess worker) throws IOException {
    Path status = Path.of("/proc", String.valueOf(worker.pid()), "status");
    String line =
        Files.readAllLines(status).stream()
            .filter(each -> each.startsWith("VmHWM:"))
            .findFirst()
            .orElseThrow();
    return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
  }

  /** What became of a round. */
  private record Round(Duration took) {}

  private Round round(
      int number,
      List<HostileInput> inputs,
      HostilePlaces places,
      Observed observed,
      WorkerProcess worker)
      throws Exception {
    String prefix = number + "/";
    List<Mixed> mixed = new ArrayList<>();
    inputs.forEach(input -> mixed.add(new Mixed(prefix + input.name(), input)));
    for (int i = 0; i < GOOD; i++) {
      HostileInput good = good(i, places);
      mixed.add(new Mixed(prefix + good.name(), good));
    }
    Collections.shuffle(mixed, new Random(number));
    long start = System.nanoTime();
    Map<String, String> keyOfRecord = send(mixed);
    try {
      Awaitility.await().atMost(LIMIT).pollInterval(Duration.ofMillis(200)).until(this::lagless);
    } catch (org.awaitility.core.ConditionTimeoutException e) {
      throw new AssertionError(
          "not all is committed after %s; lag %s%n%s".formatted(LIMIT, lag(), worker.logTail()), e);
    }
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    observed.read(keyOfRecord);
    List<String> mismatches = new ArrayList<>();
    StringBuilder table = new StringBuilder();
    for (Mixed each : mixed) {
      String seen = observed.outcome(each.key());
      String wanted = wanted(each.input().expected());
      if (!seen.equals(wanted)) {
        mismatches.add(
            "%s: expected %s, saw %s".formatted(each.key(), wanted, observed.story(each.key())));
      }
      if (!each.input().name().startsWith("good ")) {
        table.append(each.input().name()).append(" | ").append(observed.story(each.key()));
        table.append('\n');
      }
    }
    Files.writeString(Path.of("target", "hostile-set.txt"), sorted(table));
    assertThat(mismatches).as("mismatches in round " + number).isEmpty();
    return new Round(took);
  }

  private static String sorted(StringBuilder table) {
    return String.join("\n", new TreeSet<>(table.toString().lines().toList())) + "\n";
  }

  /** An input under the key that tells it apart from the other round's. */
  private record Mixed(String key, HostileInput input) {}

  private static HostileInput good(int number, HostilePlaces places) {
    String color = OnnxModels.COLORS.get(number % 3);
    String name = "good " + number;
    InferenceRequest.Builder request = InferenceRequest.newBuilder().setRequestId(name);
    switch (number / 3 % 4) {
      case 0 -> request.setImageUri(places.good(color));
      case 1 -> request.setImageUri(places.file(color + ".png"));
      case 2 -> request.setImageUri(places.object(color + ".png"));
      default -> request.setImageBytes(ByteBuffer.wrap(places.image(color)));
    }
    return new HostileInput(
        name, new Sent.Request(request.build(), Map.of()), new Expected.Succeeded(color));
  }

  private Models models() {
    return Models.create(folder.resolve("models"))
        .add(HostileInputs.FAILS_ON_RED, OnnxModels.failsOnRed(), COLOR_MODEL)
        .add(HostileInputs.NOT_A_NUMBER_ON_RED, OnnxModels.notANumberOnRed(), COLOR_MODEL)
        .add(HostileInputs.DETECTOR, OnnxModels.ultralyticsColorDetector(), "");
  }

  /** Sends all; returns the key of each by partition and offset. */
  private Map<String, String> send(List<Mixed> all) throws Exception {
    Map<String, Future<RecordMetadata>> sends = new HashMap<>();
    try (KafkaAvroSerializer avro = new KafkaAvroSerializer();
        KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(
                Map.of("bootstrap.servers", pipeline.kafka().bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
      avro.configure(
          Map.of(
              "schema.registry.url",
              pipeline.registry().url(),
              "auto.register.schemas",
              false,
              "avro.remove.java.properties",
              true),
          false);
      for (Mixed each : all) {
        sends.put(each.key(), producer.send(record(each, avro)));
      }
      Map<String, String> keys = new HashMap<>();
      for (Map.Entry<String, Future<RecordMetadata>> sent : sends.entrySet()) {
        RecordMetadata metadata = sent.getValue().get(30, TimeUnit.SECONDS);
        keys.put(metadata.partition() + "@" + metadata.offset(), sent.getKey());
      }
      return keys;
    }
  }

  private ProducerRecord<byte[], byte[]> record(Mixed mixed, KafkaAvroSerializer avro) {
    byte[] key = mixed.key().getBytes(StandardCharsets.UTF_8);
    return switch (mixed.input().sent()) {
      case Sent.Tombstone() -> new ProducerRecord<>(pipeline.requests(), key, null);
      case Sent.Bytes(byte[] value) -> new ProducerRecord<>(pipeline.requests(), key, value);
      case Sent.Request(InferenceRequest request, Map<String, String> headers) -> {
        ProducerRecord<byte[], byte[]> record =
            new ProducerRecord<>(
                pipeline.requests(), key, avro.serialize(pipeline.requests(), request));
        headers.forEach(
            (name, value) -> record.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
        yield record;
      }
    };
  }

  private boolean lagless() throws Exception {
    return lag().values().stream().allMatch(behind -> behind == 0);
  }

  /**
   * How many records of each partition are not committed, those that wait to be retried included.
   */
  private Map<TopicPartition, Long> lag() throws Exception {
    Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
    for (int partition = 0; partition < PARTITIONS; partition++) {
      latest.put(new TopicPartition(pipeline.requests(), partition), OffsetSpec.latest());
    }
    latest.put(
        new TopicPartition(pipeline.requests() + "-retry-" + RETRY_STEP, 0), OffsetSpec.latest());
    try (Admin admin = pipeline.kafka().admin()) {
      Map<TopicPartition, OffsetAndMetadata> committed =
          admin
              .listConsumerGroupOffsets(pipeline.group())
              .partitionsToOffsetAndMetadata()
              .get(30, TimeUnit.SECONDS);
      Map<TopicPartition, Long> lag = new HashMap<>();
      admin
          .listOffsets(latest)
          .all()
          .get(30, TimeUnit.SECONDS)
          .forEach((partition, end) -> {
            OffsetAndMetadata position = committed.get(partition);
            lag.put(partition, end.offset() - (position == null ? 0 : position.offset()));
          });
      return lag;
    }
  }

  private static String wanted(Expected expected) {
    return switch (expected) {
      case Expected.Failed(var code) -> "FAILED " + code + ", dead letter " + code;
      case Expected.DeadLetterOnly(var code) -> "no result, dead letter " + code;
      case Expected.Expired() -> "EXPIRED DEADLINE_EXCEEDED, no dead letter";
      case Expected.Succeeded(String label) -> "SUCCEEDED " + label + ", no dead letter";
    };
  }

  /** The metrics of the worker say what was seen from outside. */
  private static void assertCounted(WorkerProcess worker, List<HostileInput> inputs) {
    Map<String, Long> failures = new TreeMap<>();
    Map<String, Long> deadLetters = new TreeMap<>();
    long succeeded = 2L * GOOD;
    long undecodable = 0;
    for (HostileInput input : inputs) {
      switch (input.expected()) {
        case Expected.Failed(var code) -> {
          failures.merge(code.name(), 2L, Long::sum);
          deadLetters.merge(code.name(), 2L, Long::sum);
        }
        case Expected.DeadLetterOnly(var code) -> {
          undecodable += 2;
          deadLetters.merge(code.name(), 2L, Long::sum);
        }
        case Expected.Expired() -> failures.merge("DEADLINE_EXCEEDED", 2L, Long::sum);
        case Expected.Succeeded(String label) -> succeeded += 2;
      }
    }
    Scrape metrics = Scrape.of(worker);
    assertThat(byCode(metrics, "sluice_inference_request_failure_total")).isEqualTo(failures);
    assertThat(byCode(metrics, "sluice_dead_letters_total")).isEqualTo(deadLetters);
    assertThat(metrics.sum("sluice_inference_request_success_total")).isEqualTo((double) succeeded);
    assertThat(metrics.sum("sluice_undecodable_records_total")).isEqualTo((double) undecodable);
    assertThat(metrics.sum("sluice_send_failures_total")).isZero();
    // The brokers know of a commit before the gauges do, which are taken a few times a second.
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(() -> {
          Scrape now = Scrape.of(worker);
          assertThat(now.sum("sluice_in_flight_records")).isZero();
          assertThat(now.sum("sluice_in_flight_bytes")).isZero();
        });
  }

  private static Map<String, Long> byCode(Scrape metrics, String name) {
    Map<String, Long> values = new TreeMap<>();
    Matcher line =
        Pattern.compile("(?m)^" + name + "\\{[^}]*code=\"([A-Z_]+)\"[^}]*\\} (\\S+)$")
            .matcher(metrics.text());
    while (line.find()) {
      long value = (long) Double.parseDouble(requireNonNull(line.group(2)));
      if (value != 0) {
        values.put(requireNonNull(line.group(1)), value);
      }
    }
    return values;
  }

  /**
   * All results and dead letters, by the key of the record that they tell of. Used by one thread.
   */
  private static final class Observed implements AutoCloseable {
    private final KafkaAvroDeserializer avro = new KafkaAvroDeserializer();
    private final Map<String, List<String>> results = new HashMap<>();
    private final Map<String, List<String>> deadLetters = new HashMap<>();
    private final Map<String, String> messages = new HashMap<>();
    private final Map<String, String> keys = new HashMap<>();
    private final TopicReader resultTopic;
    private final TopicReader deadLetterTopic;

    Observed(Pipeline pipeline) {
      avro.configure(
          Map.of("schema.registry.url", pipeline.registry().url(), "specific.avro.reader", true),
          false);
      String brokers = pipeline.kafka().bootstrapServers();
      resultTopic = new TopicReader(brokers, pipeline.results(), this::result);
      deadLetterTopic = new TopicReader(brokers, pipeline.deadLetters(), this::deadLetter);
    }

    void read(Map<String, String> keyOfRecord) {
      keys.putAll(keyOfRecord);
      resultTopic.readToEnd();
      deadLetterTopic.readToEnd();
    }

    /** What is to be compared with what is wanted. */
    String outcome(String key) {
      List<String> answered = results.getOrDefault(key, List.of("no result"));
      List<String> dead = deadLetters.getOrDefault(key, List.of("no dead letter"));
      return String.join(" and ", answered) + ", " + String.join(" and ", dead);
    }

    /** The same, and what was said. */
    String story(String key) {
      return outcome(key) + " | " + messages.getOrDefault(key, "");
    }

    private void result(ConsumerRecord<byte[], byte[]> record) {
      InferenceResult result =
          requireNonNull((InferenceResult) avro.deserialize(record.topic(), record.value()));
      String key = new String(record.key(), StandardCharsets.UTF_8);
      String outcome =
          switch (result.getStatus()) {
            case SUCCEEDED -> "SUCCEEDED " + best(result);
            case FAILED, EXPIRED -> result.getStatus() + " " + result.getError().getCode();
          };
      results.computeIfAbsent(key, _ -> new ArrayList<>()).add(outcome);
      if (result.getError() != null) {
        messages.put(key, result.getError().getMessage());
      }
    }

    private static String best(InferenceResult result) {
      return result.getOutput() instanceof Classification classification
          ? classification.getClasses().getFirst().getLabel()
          : String.valueOf(result.getOutput());
    }

    private void deadLetter(ConsumerRecord<byte[], byte[]> record) {
      int partition = header(record, "kafka_dlt-original-partition").getInt();
      long offset = header(record, "kafka_dlt-original-offset").getLong();
      String key = keys.getOrDefault(partition + "@" + offset, "an unknown record");
      String code = StandardCharsets.UTF_8.decode(header(record, "sluice-error-code")).toString();
      deadLetters.computeIfAbsent(key, _ -> new ArrayList<>()).add("dead letter " + code);
      messages.putIfAbsent(
          key,
          StandardCharsets.UTF_8.decode(header(record, "kafka_dlt-exception-message")).toString());
    }

    /** The one header of this name. */
    private static ByteBuffer header(ConsumerRecord<byte[], byte[]> record, String name) {
      List<Header> found = new ArrayList<>();
      record.headers().headers(name).forEach(found::add);
      assertThat(found).as(name).hasSize(1);
      return ByteBuffer.wrap(found.getFirst().value());
    }

    @Override
    public void close() {
      resultTopic.close();
      deadLetterTopic.close();
      avro.close();
    }
  }
}

package dev.sluice.tools.dlt;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.devstack.KafkaCluster;
import dev.sluice.devstack.SchemaRegistry;
import dev.sluice.devstack.junit.FreshNames;
import dev.sluice.devstack.junit.WithDevstack;
import dev.sluice.tools.CommandRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replays of dead letters in a real topic to a real topic, through interruptions of all sorts. */
@WithDevstack
class ReplayIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final KafkaCluster kafka;
  private final SchemaRegistry registry;
  private final String requests;
  private final String deadLetters;

  ReplayIT(KafkaCluster kafka, SchemaRegistry registry, FreshNames names) {
    this.kafka = kafka;
    this.registry = registry;
    this.requests = names.of("replay");
    this.deadLetters = requests + "-dlt";
    kafka.createTopic(requests, 2);
    // The dead letters' times are long ago, and have to stay all the same.
    kafka.createTopic(deadLetters, 2, Map.of("retention.ms", "-1"));
  }

  @Test
  void aDryRunSaysWhatWouldBeSentAndLeavesNoTrace() {
    put(0, "a", headers("INTERNAL", requests));
    put(1, "b", headers("INTERNAL", requests + "-retry-10s"));
    put(1, "c", headers("IMAGE_CORRUPT", requests));

    CommandRun people = replay("--dry-run");
    assertThat(people.exitCode()).as(people.err()).isZero();
    assertThat(people.out())
        .containsPattern("INTERNAL +- +" + requests + " +2")
        .containsPattern("IMAGE_CORRUPT +- +" + requests + " +1");
    assertThat(people.err()).contains("3 requests would be sent", "Nothing was sent");
    JsonNode report = report(replay("--dry-run", "--code", "INTERNAL"));
    assertThat(report.get("would_send").asInt()).isEqualTo(2);
    assertThat(report.get("sent").asInt()).isZero();
    assertThat(read(requests, true)).isEmpty();

    assertThat(report(replay("--code", "INTERNAL")).get("sent").asInt()).isEqualTo(2);
  }

  @Test
  void requestsComeBackAsTheyWereAndOnceHoweverOftenTheCommandIsGiven() {
    Headers headers = headers("INTERNAL", requests).add("traceparent", "00-1".getBytes(UTF_8));
    put(1, "first", headers);
    put(1, "corrupt", headers("IMAGE_CORRUPT", requests));

    CommandRun run = replay("--code", "INTERNAL");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(report(run).get("sent").asInt()).isEqualTo(1);
    assertThat(report(run).get("finished").asBoolean()).isTrue();
    awaitMarkers(requests);
    ConsumerRecord<byte[], byte[]> sent = read(requests, true).getFirst();
    assertThat(new String(sent.value(), UTF_8)).isEqualTo("first");
    assertThat(new String(sent.key(), UTF_8)).isEqualTo("key of first");
    List<String> names = new ArrayList<>();
    sent.headers().forEach(header -> names.add(header.key()));
    assertThat(names).containsExactly("traceparent", "sluice-replays", "sluice-replayed-from");
    assertThat(new String(sent.headers().lastHeader("sluice-replayed-from").value(), UTF_8))
        .isEqualTo(deadLetters + "-1@0");
    assertThat(sent.timestamp()).isGreaterThan(Letters.TIME);

    assertThat(report(replay("--code", "INTERNAL")).get("sent").asInt()).isZero();
    put(0, "second", headers("INTERNAL", requests));
    assertThat(report(replay("--code", "INTERNAL")).get("sent").asInt()).isEqualTo(1);
    assertThat(values(requests, false)).containsExactlyInAnyOrder("first", "second");

    // Another choice has a progress of its own; --restart forgets it.
    assertThat(report(replay("--code", "IMAGE_CORRUPT")).get("sent").asInt()).isEqualTo(1);
    assertThat(report(replay("--code", "IMAGE_CORRUPT", "--restart")).get("sent").asInt())
        .isEqualTo(1);
    awaitMarkers(requests);
    assertThat(values(requests, true)).hasSize(4);
  }

  @Test
  void aNameStandsForOneChoice() {
    put(0, "a", headers("INTERNAL", requests));
    assertThat(replay("--name", requests, "--code", "INTERNAL").exitCode()).isZero();
    CommandRun other = replay("--name", requests, "--code", "IMAGE_CORRUPT");
    assertThat(other.exitCode()).isEqualTo(2);
    assertThat(other.err()).contains("begun with other filters");
    assertThat(replay("--name", "no name").exitCode()).isEqualTo(2);
    assertThat(replay("--rate", "fast").exitCode()).isEqualTo(2);
    assertThat(replay("--max-replays", "0").exitCode()).isEqualTo(2);
    assertThat(replay("--to", deadLetters).exitCode()).isEqualTo(2);
    assertThat(replay("--to", requests + "-none").exitCode()).isEqualTo(1);
  }

  @Test
  void whatCannotGoIsRefusedAndCountedAndTheOthersGo() {
    put(0, "good", headers("INTERNAL", requests));
    put(0, "gone", headers("INTERNAL", requests + "-gone"));
    put(0, "impossible", headers("INTERNAL", "no topic / can be called so"));
    put(0, "forged", headers("INTERNAL", deadLetters));
    put(0, "silent", new RecordHeaders());
    put(0, "often", headers("INTERNAL", requests).add("sluice-replays", Letters.four(3)));
    put(0, null, headers("INTERNAL", requests).add("sluice-omitted-bytes", Letters.eight(9)));
    put(0, "x".repeat(400_000), headers("INTERNAL", requests + "-narrow"));
    kafka.createTopic(requests + "-narrow", 1, Map.of("max.message.bytes", "10000"));
    Random random = new Random(42);
    for (int i = 0; i < 100; i++) {
      put(1, "hostile", Letters.hostile(random));
    }
    put(1, "last", headers("INTERNAL", requests));

    CommandRun run = replay();
    assertThat(run.exitCode()).as(run.err()).isEqualTo(1);
    JsonNode report = report(run);
    assertThat(report.get("finished").asBoolean()).isTrue();
    assertThat(report.get("sent").asInt()).isEqualTo(2);
    awaitMarkers(requests);
    assertThat(values(requests, true)).containsExactlyInAnyOrder("good", "last");
    Map<String, Integer> refused = new HashMap<>();
    report
        .get("refusals")
        .forEach(
            refusal -> refused.put(refusal.get("reason").asText(), refusal.get("count").asInt()));
    assertThat(refused.values().stream().mapToInt(Integer::intValue).sum())
        .isEqualTo(report.get("refused").asInt())
        .isEqualTo(7 + 100);
    assertThat(refused).containsEntry("TOO_LARGE", 1).containsEntry("PAYLOAD_OMITTED", 1);
    assertThat(refused.keySet())
        .contains(
            "REPLAYED_TOO_OFTEN",
            "ORIGINAL_TOPIC_UNKNOWN",
            "TOPIC_MISSING",
            "TOPIC_NOT_FOR_REQUESTS");
    assertThat(run.err()).contains("sent again too often already", "--max-replays");

    // The remedies that were named.
    kafka.createTopic(requests + "-gone", 1);
    assertThat(report(replay("--original-topic", requests + "-gone")).get("sent").asInt())
        .isEqualTo(1);
    awaitMarkers(requests + "-gone");
    assertThat(values(requests + "-gone", true)).containsExactly("gone");
    assertThat(
            report(replay("--original-topic", requests, "--min-replays", "3", "--max-replays", "4"))
                .get("sent")
                .asInt())
        .isEqualTo(1);
    awaitMarkers(requests);
    assertThat(values(requests, true)).contains("often");
  }

  /** What comes back as a new dead letter while the replay runs is not taken by the same run. */
  @Test
  void aRunEndsWhereTheTopicEndedAtItsStart() throws Exception {
    for (int i = 0; i < 40; i++) {
      put(0, "a-" + i, headers("INTERNAL", requests));
    }
    Process run = start("--rate", "20");
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(read(requests, true)).as(log()).isNotEmpty());
    put(0, "late", headers("INTERNAL", requests));
    assertThat(run.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(run.exitValue()).as(log()).isZero();
    assertThat(values(requests, true)).hasSize(40).doesNotContain("late");
  }

  @TempDir private Path folder;

  /**
   * Killed with SIGKILL, then stopped with SIGTERM, then left alone: every dead letter has come
   * back once for those who read what is committed, and what the others see twice is bounded.
   */
  @Test
  void howeverItIsInterruptedEveryDeadLetterIsSentOnce() throws Exception {
    // More than are sent at that rate before the second interrupt can come.
    int count = 2_500;
    List<String> all = IntStream.range(0, count).mapToObj(i -> "r-" + i).toList();
    try (KafkaProducer<byte[], byte[]> producer = producer()) {
      for (int i = 0; i < count; i++) {
        var _ = producer.send(letter(i % 2, all.get(i), headers("INTERNAL", requests)));
      }
    }
    Process killed = start("--rate", "150");
    Awaitility.await().atMost(LIMIT).until(() -> read(requests, true).size() >= 100);
    killed.destroyForcibly();
    assertThat(killed.waitFor(30, TimeUnit.SECONDS)).isTrue();

    Process stopped = start("--rate", "150");
    int before = read(requests, true).size();
    Awaitility.await().atMost(LIMIT).until(() -> read(requests, true).size() >= before + 200);
    // As Ctrl-C does, which a test that runs in the background may have been told to ignore.
    assertThat(stopped.toHandle().destroy()).isTrue();
    assertThat(stopped.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(stopped.exitValue()).as(log()).isNotZero();
    assertThat(log()).contains("goes on where it stopped", "stopped: the same command goes on");
    awaitMarkers(requests);
    int half = read(requests, true).size();
    assertThat(half).isBetween(before + 200, count - 1);

    CommandRun last = replay();
    assertThat(last.exitCode()).as(last.err()).isZero();
    assertThat(last.err()).contains("goes on where it stopped");
    assertThat(report(last).get("sent").asInt()).isEqualTo(count - half);
    awaitMarkers(requests);
    assertThat(values(requests, true)).hasSize(count).containsExactlyInAnyOrderElementsOf(all);
    List<String> withAborted = values(requests, false);
    System.out.println("sent and taken back by the kill: " + (withAborted.size() - count));
    assertThat(withAborted.size() - count).isLessThanOrEqualTo(ReplaySender.MAX_RECORDS);
    assertThat(Set.copyOf(withAborted)).hasSize(count);
  }

  /** The brokers answer a commit before its markers are in every partition. */
  private void awaitMarkers(String topic) {
    Awaitility.await().atMost(LIMIT).until(() -> end(topic, true) == end(topic, false));
  }

  private long end(String topic, boolean committed) {
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(committed)) {
      return consumer.endOffsets(partitions(consumer, topic)).values().stream()
          .mapToLong(Long::longValue)
          .sum();
    }
  }

  private CommandRun replay(String... more) {
    return CommandRun.sluice(arguments(more).toArray(String[]::new));
  }

  private Process start(String... more) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:TieredStopAtLevel=1");
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    // Ends with this JVM, whatever ends that.
    command.addAll(List.of("dev.sluice.devstack.Guarded", "dev.sluice.tools.Sluice"));
    command.addAll(arguments(more));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()))
        .start();
  }

  private String log() throws Exception {
    return requireNonNull(Files.readString(folder.resolve("log")));
  }

  private List<String> arguments(String... more) {
    List<String> arguments = new ArrayList<>(List.of("dlt", "replay"));
    arguments.addAll(
        List.of(
            "--bootstrap-servers",
            kafka.bootstrapServers(),
            "--schema-registry",
            registry.url(),
            "--dead-letters-topic",
            deadLetters));
    if (!List.of(more).contains("--dry-run") || List.of(more).contains("--code")) {
      arguments.add("--json");
    }
    arguments.addAll(List.of(more));
    return arguments;
  }

  private static JsonNode report(CommandRun run) {
    assertThat(run.json()).as(run.err()).hasSize(1);
    return run.json().getFirst();
  }

  private void put(int partition, @Nullable String value, Headers headers) {
    try (KafkaProducer<byte[], byte[]> producer = producer()) {
      var _ = producer.send(letter(partition, value, headers)).get();
    } catch (InterruptedException | java.util.concurrent.ExecutionException e) {
      throw new AssertionError("a dead letter could not be written", e);
    }
  }

  private ProducerRecord<byte[], byte[]> letter(
      int partition, @Nullable String value, Headers headers) {
    return new ProducerRecord<>(
        deadLetters,
        partition,
        Letters.TIME,
        ("key of " + value).getBytes(UTF_8),
        value == null ? null : value.getBytes(UTF_8),
        headers);
  }

  private static Headers headers(String code, String topic) {
    return new RecordHeaders()
        .add("kafka_dlt-original-topic", topic.getBytes(UTF_8))
        .add("kafka_dlt-exception-message", "for a test".getBytes(UTF_8))
        .add("sluice-error-code", code.getBytes(UTF_8))
        .add("sluice-attempts", Letters.four(4));
  }

  private KafkaProducer<byte[], byte[]> producer() {
    return new KafkaProducer<>(
        Map.of("bootstrap.servers", kafka.bootstrapServers(), "max.request.size", 2_000_000),
        new ByteArraySerializer(),
        new ByteArraySerializer());
  }

  private List<String> values(String topic, boolean committedOnly) {
    return read(topic, committedOnly).stream()
        .map(record -> new String(record.value(), UTF_8))
        .toList();
  }

  /** All records as they are now, or only those of transactions that are committed. */
  private static List<TopicPartition> partitions(
      KafkaConsumer<byte[], byte[]> consumer, String topic) {
    return consumer.partitionsFor(topic).stream()
        .map(info -> new TopicPartition(topic, info.partition()))
        .toList();
  }

  private KafkaConsumer<byte[], byte[]> consumer(boolean committedOnly) {
    Map<String, Object> settings =
        Map.of(
            "bootstrap.servers",
            kafka.bootstrapServers(),
            "isolation.level",
            committedOnly ? "read_committed" : "read_uncommitted");
    return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  private List<ConsumerRecord<byte[], byte[]>> read(String topic, boolean committedOnly) {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(committedOnly)) {
      List<TopicPartition> partitions = partitions(consumer, topic);
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (!partitions.stream()
          .allMatch(
              partition -> consumer.position(partition) >= ends.getOrDefault(partition, 0L))) {
        consumer.poll(Duration.ofMillis(100)).forEach(records::add);
      }
    }
    return records;
  }
}

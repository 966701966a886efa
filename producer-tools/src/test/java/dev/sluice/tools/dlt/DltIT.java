package dev.sluice.tools.dlt;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.devstack.KafkaCluster;
import dev.sluice.devstack.SchemaRegistry;
import dev.sluice.devstack.junit.FreshNames;
import dev.sluice.devstack.junit.WithDevstack;
import dev.sluice.schemas.ContractClasses;
import dev.sluice.tools.CommandRun;
import dev.sluice.v1.InferenceRequest;
import io.confluent.kafka.serializers.KafkaAvroSerializer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Dead letters in a real topic: four good ones, one that is random bytes, one with headers of the
 * wrong size.
 */
@WithDevstack
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DltIT {

  private static final long FIRST = 1_790_000_000_000L;
  private static final byte[] GARBAGE = {7, 7, 7, 0, 27};

  private final KafkaCluster kafka;
  private final SchemaRegistry registry;
  private final String requests;
  private final String deadLetters;

  DltIT(KafkaCluster kafka, SchemaRegistry registry, FreshNames names) {
    this.kafka = kafka;
    this.registry = registry;
    this.requests = names.of("dlt");
    this.deadLetters = requests + "-dlt";
  }

  @BeforeAll
  void write() throws Exception {
    // The dead letters' times are long ago, and have to stay all the same.
    kafka.createTopic(deadLetters, 2, Map.of("retention.ms", "-1"));
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", kafka.bootstrapServers()),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      for (int i = 0; i < 4; i++) {
        String code = i % 2 == 0 ? "IMAGE_NOT_FOUND" : "IMAGE_CORRUPT";
        producer
            .send(
                letter(
                    i % 2, FIRST + 1000L * i, request("r-" + i), headers(code, "number " + i, i)))
            .get();
      }
      producer
          .send(
              letter(
                  0, FIRST + 9000, GARBAGE, headers("INVALID_REQUEST", "random\u001b[2J bytes", 9)))
          .get();
      Headers absurd =
          new RecordHeaders()
              .add("kafka_dlt-original-offset", new byte[3])
              .add("sluice-error-code", new byte[] {-1});
      producer.send(letter(1, FIRST + 8000, request("r-2"), absurd)).get();
    }
  }

  @Test
  void allAreListedOldestFirstAndCountedByCode() {
    CommandRun run = dlt("list", "--json");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.json())
        .extracting(line -> line.get("request_id").asText())
        .containsExactly("r-0", "r-1", "r-2", "r-3", "r-2", "-");
    JsonNode first = run.json().getFirst();
    assertThat(first.get("partition").asInt()).isZero();
    assertThat(first.get("offset").asInt()).isZero();
    assertThat(first.get("time").asText()).isEqualTo("2026-09-21T14:13:20Z");
    assertThat(first.get("code").asText()).isEqualTo("IMAGE_NOT_FOUND");
    assertThat(first.get("original").asText()).isEqualTo(requests + "/5/100");
    assertThat(first.get("attempts").asText()).isEqualTo("1");
    assertThat(run.json().get(4).get("original").asText()).isEqualTo("-/-/-");

    CommandRun people = dlt("list");
    assertThat(people.out())
        .containsPattern("IMAGE_NOT_FOUND +https://example.com +2")
        .containsPattern("IMAGE_CORRUPT +https://example.com +2")
        .containsPattern("INVALID_REQUEST +- +1");
    assertThat(people.out()).contains("random?[2J bytes").doesNotContain("\u001b");
  }

  @Test
  void codeAndLimitNarrowTheListAndTheCountTellsOfAll() {
    CommandRun run = dlt("list", "--code", "IMAGE_NOT_FOUND", "--limit", "1", "--json");

    assertThat(run.json())
        .extracting(line -> line.get("request_id").asText())
        .containsExactly("r-2");
    assertThat(run.err()).contains("1 of 2 dead letters");
  }

  @Test
  void theFiltersChooseAndTheSummaryCountsWhatTheyChose() {
    CommandRun summary = dlt("list", "--summary", "--json");
    assertThat(summary.json()).hasSize(1);
    assertThat(summary.json().getFirst().get("dead_letters").asInt()).isEqualTo(6);
    assertThat(summary.json().getFirst().get("by_code_and_origin"))
        .extracting(group -> group.get("count").asInt())
        .containsExactly(2, 2, 1, 1);

    assertThat(chosen("--origin", "HTTPS://example.com:443/x")).containsExactly(0, 1, 2, 3, 2);
    assertThat(chosen("--origin", "-")).containsExactly(-1);
    assertThat(chosen("--id", "r-1", "--id", "r-3")).containsExactly(1, 3);
    assertThat(chosen("--key", "k")).hasSize(6);
    assertThat(chosen("--key", "another")).isEmpty();
    assertThat(chosen("--since", "2026-09-21T14:13:22Z", "--until", "2026-09-21T14:13:28Z"))
        .containsExactly(2, 3);
    assertThat(chosen("--original-topic", requests)).hasSize(5);
    assertThat(chosen("--min-replays", "1")).isEmpty();
  }

  @Test
  void aFilterThatMakesNoSenseIsAUsageErrorAndOneThatNeedsTheRegistrySaysSo() {
    assertThat(dlt("list", "--since", "soon").exitCode()).isEqualTo(2);
    assertThat(dlt("list", "--since", "1h", "--until", "2h").exitCode()).isEqualTo(2);
    assertThat(dlt("list", "--origin", "example").exitCode()).isEqualTo(2);
    CommandRun run = dlt("list", "--id", "r-1", "--schema-registry", "http://127.0.0.1:1");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("cannot be said", "registry cannot be reached");
  }

  private List<Integer> chosen(String... filters) {
    List<String> arguments = new ArrayList<>(List.of("--json"));
    arguments.addAll(List.of(filters));
    CommandRun run = dlt("list", arguments.toArray(String[]::new));
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run.json().stream()
        .map(line -> line.get("request_id").asText())
        .map(id -> id.equals("-") ? -1 : Integer.parseInt(id.substring(2)))
        .toList();
  }

  @Test
  void allAreExportedOnceHoweverOftenTheCommandIsGiven(@TempDir Path folder) throws Exception {
    CommandRun run = dlt("export", folder.toString(), "--code", "IMAGE_CORRUPT", "--json");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.json().getFirst().get("written").asInt()).isEqualTo(2);

    CommandRun rest = dlt("export", folder.toString(), "--json");
    assertThat(rest.json().getFirst().get("written").asInt()).isEqualTo(4);
    assertThat(rest.json().getFirst().get("there").asInt()).isEqualTo(2);
    assertThat(Files.readAllLines(folder.resolve("index.jsonl"))).hasSize(6);
    assertThat(Files.readAllBytes(folder.resolve("0-000000000002.bin"))).isEqualTo(GARBAGE);
    assertThat(folder.resolve("1-000000000000-r-1.bin")).exists();

    assertThat(dlt("export").exitCode()).isEqualTo(2);
    assertThat(dlt("export", folder.resolve("index.jsonl").toString()).exitCode()).isEqualTo(2);
  }

  @Test
  void oneIsShownByItsPlace() {
    CommandRun run = dlt("show", "1", "0", "--json");

    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode shown = run.json().getFirst();
    assertThat(shown.get("request").get("request_id").asText()).isEqualTo("r-1");
    assertThat(shown.get("request").get("metadata").get("camera").asText()).isEqualTo("7");
    assertThat(shown.get("headers").get("kafka_dlt-original-offset").asText()).isEqualTo("101");
    assertThat(shown.get("headers").get("kafka_dlt-exception-message").asText())
        .isEqualTo("number 1");
    assertThat(shown.get("key").asText()).isEqualTo("k");
  }

  @Test
  void oneIsShownByItsRequestTheNewestOfSeveral() {
    JsonNode shown = dlt("show", "--id", "r-2", "--json").json().getFirst();

    assertThat(shown.get("partition").asInt()).isEqualTo(1);
    assertThat(shown.get("headers").get("kafka_dlt-original-offset").asText())
        .isEqualTo("0x000000");
    assertThat(shown.get("headers").get("sluice-error-code").asText()).isEqualTo("0xff");
  }

  @Test
  void theOriginalBytesAreWrittenToANewFileOnly(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("payload.bin");

    CommandRun run = dlt("show", "0", "2", "--payload", file.toString());
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("cannot be read: not in Confluent's wire format");
    assertThat(Files.readAllBytes(file)).isEqualTo(GARBAGE);

    CommandRun again = dlt("show", "0", "2", "--payload", file.toString());
    assertThat(again.exitCode()).isEqualTo(2);
    assertThat(again.err()).contains("exists already");
  }

  @Test
  void whatIsNotThereIsAFailureThatSaysWhere() {
    assertThat(dlt("show", "0", "99").exitCode()).isEqualTo(1);
    assertThat(dlt("show", "0", "99").err()).contains("holds no record at offset 99");
    assertThat(dlt("show", "7", "0").err()).contains("no partition 7, only 0 to 1");
    assertThat(dlt("show", "--id", "nobody").err()).contains("no dead letter of request nobody");
    assertThat(dlt("list", "--dead-letters-topic", requests + "-none").err())
        .contains("there is no topic " + requests + "-none");
    assertThat(dlt("show").exitCode()).isEqualTo(2);
    assertThat(dlt("show", "1").exitCode()).isEqualTo(2);
    assertThat(dlt("show", "1", "0", "--id", "r-1").exitCode()).isEqualTo(2);
  }

  @Test
  void whatATransactionTookBackOrHasNotCommittedYetIsNotListedAndNotWaitedFor() throws Exception {
    String topic = deadLetters + "-transactions";
    kafka.createTopic(topic, 1);
    try (KafkaProducer<byte[], byte[]> producer = transactional(topic + "-1");
        KafkaProducer<byte[], byte[]> open = transactional(topic + "-2")) {
      producer.beginTransaction();
      producer.send(new ProducerRecord<>(topic, GARBAGE)).get();
      producer.commitTransaction();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>(topic, GARBAGE)).get();
      producer.abortTransaction();
      open.beginTransaction();
      open.send(new ProducerRecord<>(topic, GARBAGE)).get();

      CommandRun run = dlt("list", "--dead-letters-topic", topic, "--json");

      assertThat(run.json()).extracting(line -> line.get("offset").asInt()).containsExactly(0);
    }
  }

  @Test
  void withoutARegistryTheListIsThereWithoutRequestIds() {
    CommandRun run = dlt("list", "--schema-registry", "http://127.0.0.1:1", "--json");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.json())
        .hasSize(6)
        .allSatisfy(line -> assertThat(line.get("request_id").asText()).isEqualTo("-"));
    assertThat(run.err())
        .contains("Request ids and origins are missing", "registry cannot be reached");
  }

  private CommandRun dlt(String command, String... more) {
    List<String> arguments =
        new ArrayList<>(List.of("dlt", command, "--bootstrap-servers", kafka.bootstrapServers()));
    arguments.addAll(List.of(more));
    given(arguments, "--schema-registry", registry.url());
    given(arguments, "--requests-topic", requests);
    given(arguments, "--dead-letters-topic", deadLetters);
    return CommandRun.sluice(arguments.toArray(String[]::new));
  }

  private KafkaProducer<byte[], byte[]> transactional(String id) {
    KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", kafka.bootstrapServers(), "transactional.id", id),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    producer.initTransactions();
    return producer;
  }

  private static void given(List<String> arguments, String option, String value) {
    if (!arguments.contains(option)) {
      arguments.addAll(List.of(option, value));
    }
  }

  private ProducerRecord<byte[], byte[]> letter(
      int partition, long time, byte[] value, Headers headers) {
    return new ProducerRecord<>(
        deadLetters, partition, time, "k".getBytes(StandardCharsets.UTF_8), value, headers);
  }

  private byte[] request(String id) {
    ContractClasses.trust();
    try (KafkaAvroSerializer serializer = new KafkaAvroSerializer()) {
      serializer.configure(
          Map.of("schema.registry.url", registry.url(), "avro.remove.java.properties", "true"),
          false);
      return serializer.serialize(
          requests,
          new InferenceRequest(
              id,
              "https://example.com/a.jpg",
              null,
              null,
              null,
              null,
              Map.of(),
              null,
              Map.of("camera", "7")));
    }
  }

  private Headers headers(String code, String message, int number) {
    return new RecordHeaders()
        .add("kafka_dlt-original-topic", requests.getBytes(StandardCharsets.UTF_8))
        .add("kafka_dlt-original-partition", ByteBuffer.allocate(4).putInt(5).array())
        .add("kafka_dlt-original-offset", ByteBuffer.allocate(8).putLong(100 + number).array())
        .add("kafka_dlt-exception-message", message.getBytes(StandardCharsets.UTF_8))
        .add("sluice-error-code", code.getBytes(StandardCharsets.UTF_8))
        .add("sluice-attempts", ByteBuffer.allocate(4).putInt(1).array());
  }
}

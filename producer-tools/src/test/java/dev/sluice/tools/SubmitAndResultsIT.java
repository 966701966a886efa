package dev.sluice.tools;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sluice.devstack.KafkaCluster;
import dev.sluice.devstack.SchemaRegistry;
import dev.sluice.devstack.junit.FreshNames;
import dev.sluice.devstack.junit.WithDevstack;
import dev.sluice.schemas.ContractClasses;
import dev.sluice.tools.results.ResultRows;
import dev.sluice.tools.results.Results;
import dev.sluice.v1.InferenceRequest;
import dev.sluice.v1.InferenceResult;
import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.confluent.kafka.serializers.KafkaAvroDeserializer;
import io.confluent.kafka.serializers.KafkaAvroSerializer;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import javax.imageio.ImageIO;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What submit sends and results shows, through a real broker and a real registry. */
@WithDevstack
class SubmitAndResultsIT {
  private static final InferenceRequest NONE =
      InferenceRequest.newBuilder().setRequestId("none").build();
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir private Path folder;

  private final KafkaCluster kafka;
  private final SchemaRegistry registry;
  private final String requests;
  private final String results;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  SubmitAndResultsIT(KafkaCluster kafka, SchemaRegistry registry, FreshNames names) {
    this.kafka = kafka;
    this.registry = registry;
    this.requests = names.of("requests");
    this.results = names.of("results");
    ContractClasses.trust();
  }

  @BeforeEach
  void topicsAndSchemas() throws Exception {
    kafka.createTopic(requests, 3);
    kafka.createTopic(results, 2);
    register(requests, "InferenceRequest");
    register(results, "InferenceResult");
  }

  @Test
  void everyKindOfInputArrivesAsItsRequestAndBadOnesAreTold() throws Exception {
    Path photo = Files.write(folder.resolve("a b.jpg"), new byte[] {1, 2, 3});
    Path csv = folder.resolve("more.csv");
    Files.writeString(
        csv,
        "image_uri,request_id,parameters.top_k\nhttps://e.com/c.png,from-csv,2\nftp://e.com/x,,\n");

    int exit =
        run(
            "submit",
            photo.toString(),
            "https://e.com/d.jpg?secret=1",
            folder.resolve("none.jpg").toString(),
            "--csv",
            csv.toString(),
            "--model",
            "signs",
            "--metadata",
            "camera=north",
            "--deadline",
            "1h",
            "--key",
            "source");

    assertThat(exit).isEqualTo(1);
    assertThat(err.toString())
        .contains("none.jpg: no such file or folder", "more.csv line 3: workers do not fetch ftp");
    assertThat(out.toString())
        .contains("3 requests sent to " + requests, "2 inputs were not usable");
    Map<String, InferenceRequest> arrived = new HashMap<>();
    for (ConsumerRecord<String, byte[]> record : read(requests, 3)) {
      arrived.put(record.key(), decode(record));
    }
    InferenceRequest inline = arrived.getOrDefault(photo.toString(), NONE);
    assertThat(inline.getImageBytes()).isEqualTo(ByteBuffer.wrap(new byte[] {1, 2, 3}));
    assertThat(inline.getImageUri()).isNull();
    assertThat(inline.getModel()).isEqualTo("signs");
    assertThat(inline.getDeadline()).isNotNull();
    assertThat(inline.getMetadata())
        .isEqualTo(Map.of("camera", "north", "source", photo.toString()));
    InferenceRequest address = arrived.getOrDefault("https://e.com/d.jpg", NONE);
    assertThat(address.getImageUri()).isEqualTo("https://e.com/d.jpg?secret=1");
    InferenceRequest fromCsv = arrived.getOrDefault("https://e.com/c.png", NONE);
    assertThat(fromCsv.getRequestId()).isEqualTo("from-csv");
    assertThat(fromCsv.getParameters()).isEqualTo(Map.of("top_k", "2"));
  }

  @Test
  void waitingJoinsTheResultsWithTheirRequests() throws Exception {
    publish(Results.succeeded("old", "old.jpg", Results.text("YESTERDAY")));
    List<String> command =
        List.of("submit", "http://e.com/a.jpg", "http://e.com/b.jpg", "--wait", "--timeout", "30s");

    int exit =
        answering(
            request ->
                Results.succeeded(
                    request.getRequestId(),
                    ResultRows.sourceOf(request),
                    Results.text("read from " + request.getImageUri())),
            2,
            command);

    assertThat(exit).as(err.toString()).isZero();
    assertThat(out.toString().lines().toList()).hasSize(3);
    assertThat(out.toString())
        .contains("SUCCEEDED", "read from http://e.com/a.jpg", "read from http://e.com/b.jpg")
        .doesNotContain("YESTERDAY");
  }

  @Test
  void aFailedAndAMissingResultAreExitCodeOne() throws Exception {
    int exit =
        answering(
            request ->
                Results.failed(
                    request.getRequestId(),
                    ResultRows.sourceOf(request),
                    "IMAGE_NOT_FOUND",
                    "status 404"),
            1,
            List.of("submit", "http://e.com/a.jpg", "--wait", "--json"));

    assertThat(exit).isEqualTo(1);
    JsonNode json = new JsonMapper().readTree(out.toString());
    assertThat(json.at("/error/code").textValue()).isEqualTo("IMAGE_NOT_FOUND");

    out.getBuffer().setLength(0);
    assertThat(run("submit", "http://e.com/b.jpg", "--wait", "--timeout", "1s")).isEqualTo(1);
    assertThat(out.toString()).contains("http://e.com/b.jpg  NO RESULT");
    assertThat(err.toString()).contains("1 of 1 results did not arrive within 1s");
  }

  @Test
  void resultsAreFilteredLimitedAndWrittenAsJson() throws Exception {
    publish(Results.succeeded("a", "a.jpg", Results.text("STOP")));
    publish(Results.failed("b", "b.jpg", "IMAGE_CORRUPT", "cut short"));
    publish(Results.succeeded("c", "c.jpg", Results.text("GO")));
    publishBytes(new byte[] {0, 0, 0, 0, 77, 1});
    publishBytes("not avro at all".getBytes(StandardCharsets.UTF_8));

    assertThat(run("results")).isZero();
    assertThat(out.toString().lines().skip(1).count()).isEqualTo(3);
    assertThat(out.toString()).contains("STOP", "IMAGE_CORRUPT: cut short", "GO");
    assertThat(err.toString().lines().filter(line -> line.contains("passed over")).count())
        .isEqualTo(2);

    assertThat(json("results", "--json", "--status", "failed")).containsExactly("b");
    assertThat(json("results", "--json", "--id", "a", "--id", "c"))
        .containsExactlyInAnyOrder("a", "c");
    assertThat(json("results", "--json", "--limit", "1")).hasSize(1);
    assertThat(json("results", "--json", "--model", "other")).isEmpty();
    assertThat(json("results", "--json", "--since", "1h")).hasSize(3);
    assertThat(json("results", "--json", "--since", "2099-01-01T00:00:00Z")).isEmpty();
    assertThat(run("results", "--id", "nobody")).isEqualTo(1);
    assertThat(err.toString()).contains("there is no result of request nobody");
  }

  @Test
  void resultsAreDrawnOntoTheirPhotographs() throws Exception {
    ImageIO.write(
        new BufferedImage(700, 700, BufferedImage.TYPE_INT_RGB),
        "png",
        folder.resolve("a.png").toFile());
    publish(Results.succeeded("a", "http://images/x/a.png", Results.text("STOP")));
    Path drawn = folder.resolve("drawn");

    assertThat(run("results", "--annotate", drawn.toString(), "--images", folder.toString()))
        .as(err.toString())
        .isZero();
    try (var files = Files.list(drawn)) {
      assertThat(files).hasSize(1);
    }
    publish(Results.succeeded("b", "none.png", Results.text("STOP")));
    assertThat(run("results", "--annotate", drawn.toString(), "--images", folder.toString()))
        .isEqualTo(1);
    assertThat(err.toString()).contains("not drawn: b: none.png was not found");
  }

  @Test
  void whatIsNotThereIsNamedWithTheWayToMakeIt() throws Exception {
    assertThat(run("submit", "http://e.com/a.jpg", "--requests-topic", results)).isEqualTo(1);
    assertThat(err.toString()).contains("schema registry").contains("sluice schemas");

    assertThat(run("results", "--results-topic", requests + "-none")).isEqualTo(1);
    assertThat(err.toString()).contains(requests + "-none").contains("sluice topics create");
  }

  private int run(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    option(all, "--bootstrap-servers", kafka.bootstrapServers());
    option(all, "--schema-registry", registry.url());
    option(all, "--results-topic", results);
    if (all.getFirst().equals("submit")) {
      option(all, "--requests-topic", requests);
    }
    return Sluice.commandLine()
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(all.toArray(String[]::new));
  }

  private static void option(List<String> arguments, String name, String value) {
    if (!arguments.contains(name)) {
      arguments.add(name);
      arguments.add(value);
    }
  }

  private List<String> json(String... arguments) throws IOException {
    out.getBuffer().setLength(0);
    assertThat(run(arguments)).as(err.toString()).isZero();
    List<String> ids = new ArrayList<>();
    for (String line : out.toString().lines().toList()) {
      ids.add(new JsonMapper().readTree(line).get("request_id").textValue());
    }
    return ids;
  }

  /** Runs a command while a stand-in for the worker answers the given number of requests. */
  private int answering(
      Function<InferenceRequest, InferenceResult> worker, int count, List<String> command)
      throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> answers =
          threads.submit(() -> {
            for (ConsumerRecord<String, byte[]> record : read(requests, count)) {
              publish(worker.apply(decode(record)));
            }
            return null;
          });
      int exit = run(command.toArray(String[]::new));
      answers.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      return exit;
    }
  }

  private List<ConsumerRecord<String, byte[]>> read(String topic, int count) {
    List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
    try (KafkaConsumer<String, byte[]> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", kafka.bootstrapServers(), "enable.auto.commit", false),
            new StringDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      long end = System.nanoTime() + PATIENCE.toNanos();
      while (records.size() < count && System.nanoTime() - end < 0) {
        consumer.poll(Duration.ofMillis(100)).forEach(records::add);
      }
    }
    assertThat(records).hasSize(count);
    return records;
  }

  private InferenceRequest decode(ConsumerRecord<String, byte[]> record) {
    try (KafkaAvroDeserializer avro = new KafkaAvroDeserializer()) {
      avro.configure(
          Map.of("schema.registry.url", registry.url(), "specific.avro.reader", true), false);
      return (InferenceRequest) avro.deserialize(record.topic(), record.value());
    }
  }

  private void publish(InferenceResult result) {
    try (KafkaAvroSerializer avro = new KafkaAvroSerializer()) {
      avro.configure(
          Map.of(
              "schema.registry.url",
              registry.url(),
              "auto.register.schemas",
              false,
              "avro.remove.java.properties",
              true),
          false);
      publishBytes(avro.serialize(results, result));
    }
  }

  private void publishBytes(byte[] value) {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", kafka.bootstrapServers()),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      producer.send(new ProducerRecord<>(results, value)).get(30, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException("cannot publish", e);
    }
  }

  private void register(String topic, String schema) throws Exception {
    try (SchemaRegistryClient client = new CachedSchemaRegistryClient(registry.url(), 10);
        InputStream avsc =
            InferenceRequest.class.getResourceAsStream("/avro/" + schema + ".avsc")) {
      String text = new String(avsc.readAllBytes(), StandardCharsets.UTF_8);
      assertThat(client.register(topic + "-value", new AvroSchema(text))).isPositive();
    }
  }
}

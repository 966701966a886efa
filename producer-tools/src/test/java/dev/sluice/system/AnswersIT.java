package dev.sluice.system;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sluice.devstack.KafkaCluster;
import dev.sluice.devstack.SchemaRegistry;
import dev.sluice.devstack.junit.FreshNames;
import dev.sluice.devstack.junit.WithDevstack;
import dev.sluice.tools.CommandRun;
import dev.sluice.tools.local.WorkerProcess;
import dev.sluice.v1.InferenceRequest;
import dev.sluice.v1.InferenceResult;
import dev.sluice.v1.Status;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What comes back from a worker process: on the topics, over HTTP, in its log. */
@WithDevstack
class AnswersIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration DRAIN = Duration.ofSeconds(30);
  private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

  @TempDir private Path folder;

  private final Pipeline pipeline;

  AnswersIT(KafkaCluster kafka, SchemaRegistry registry, FreshNames names) {
    pipeline = Pipeline.create(kafka, registry, names, 1);
  }

  @Test
  void aFailureIsAResultAndADeadLetterThatTheToolsCanRead() throws Exception {
    try (Requests requests = new Requests(pipeline);
        ResultsReader results = new ResultsReader(pipeline);
        WorkerProcess worker = start()) {
      ProducerRecord<byte[], byte[]> corrupt =
          requests.send(
              InferenceRequest.newBuilder()
                  .setRequestId("corrupt-1")
                  .setImageBytes(ByteBuffer.wrap("no image".getBytes(UTF_8)))
                  .setMetadata(Map.of("camera", "north"))
                  .build(),
              Map.of("traceparent", TRACE));
      ProducerRecord<byte[], byte[]> garbage =
          requests.sendBytes("garbage", "not avro at all".getBytes(UTF_8));
      List<String> good = requests.sendColors(1);

      results.awaitAnswered(2, LIMIT);
      Awaitility.await().atMost(LIMIT).until(() -> deadLetters().size() == 2);
      assertThat(worker.terminate(DRAIN)).as(worker.logTail()).isZero();
      results.readToEnd();

      assertThat(results.byId()).containsOnlyKeys("corrupt-1", good.getFirst());
      ResultsReader.Received failed =
          requireNonNull(results.byId().get("corrupt-1"), "no result").getFirst();
      assertThat(failed.result().getStatus()).isEqualTo(Status.FAILED);
      assertThat(failed.result().getError().getCode()).isEqualTo("IMAGE_CORRUPT");
      assertThat(failed.result().getMetadata()).isEqualTo(Map.of("camera", "north"));
      assertThat(failed.result().getWorker()).isEqualTo("worker");
      assertThat(failed.record().key()).isEqualTo(corrupt.key());
      assertThat(texts(failed.record())).containsEntry("traceparent", TRACE);

      ConsumerRecord<byte[], byte[]> letter = deadLetter(corrupt);
      assertThat(letter.value()).isEqualTo(corrupt.value());
      assertThat(texts(letter))
          .containsEntry("traceparent", TRACE)
          .containsEntry("kafka_dlt-original-topic", pipeline.requests())
          .containsEntry("kafka_dlt-original-timestamp-type", "CreateTime")
          .containsEntry("kafka_dlt-original-consumer-group", pipeline.group())
          .containsEntry("sluice-error-code", "IMAGE_CORRUPT")
          .containsKeys("kafka_dlt-exception-fqcn", "kafka_dlt-exception-stacktrace")
          .containsEntry("kafka_dlt-exception-message", failed.result().getError().getMessage());
      assertThat(bytes(letter, "kafka_dlt-original-partition").getInt()).isZero();
      assertThat(bytes(letter, "kafka_dlt-original-offset").getLong()).isZero();
      assertThat(bytes(letter, "sluice-attempts").getInt())
          .isEqualTo(failed.result().getError().getAttempts());
      assertThat(bytes(letter, "kafka_dlt-original-timestamp").getLong())
          .isLessThanOrEqualTo(bytes(letter, "sluice-first-failure").getLong());
      assertThat(deadLetter(garbage).value()).isEqualTo(garbage.value());

      theToolsReadThem(letter);

      assertThat(worker.log().lines())
          .as("what the log says of a failed request")
          .anySatisfy(line ->
              assertThat(line)
                  .contains("WARN", "IMAGE_CORRUPT", "request_id=corrupt-1", "offset=0")
                  .contains("topic=" + pipeline.requests(), "partition=0"));
      assertThat(worker.log()).doesNotContain("ERROR").doesNotContain("\tat ");
    }
  }

  private void theToolsReadThem(ConsumerRecord<byte[], byte[]> letter) {
    CommandRun list = dlt("list", "--json");
    assertThat(list.exitCode()).as(list.err()).isZero();
    assertThat(list.json())
        .extracting(line -> line.get("code").textValue())
        .containsExactlyInAnyOrder("IMAGE_CORRUPT", "INVALID_REQUEST");
    assertThat(list.json())
        .extracting(line -> line.get("original").textValue())
        .containsExactlyInAnyOrder(pipeline.requests() + "/0/0", pipeline.requests() + "/0/1");

    CommandRun show =
        dlt("show", String.valueOf(letter.partition()), String.valueOf(letter.offset()), "--json");
    assertThat(show.exitCode()).as(show.err()).isZero();
    JsonNode shown = show.json().getFirst();
    assertThat(shown.toString()).contains("corrupt-1", "north");
    JsonNode headers = shown.get("headers");
    assertThat(headers.get("traceparent").textValue()).isEqualTo(TRACE);
    assertThat(headers.get("kafka_dlt-original-partition").textValue()).isEqualTo("0");
    assertThat(headers.get("kafka_dlt-original-offset").textValue()).isEqualTo("0");
    assertThat(headers.get("kafka_dlt-original-timestamp").textValue()).startsWith("20");
    assertThat(headers.get("sluice-first-failure").textValue()).startsWith("20");
    assertThat(headers.get("sluice-attempts").textValue()).isEqualTo("1");
    for (Header header : letter.headers()) {
      assertThat(headers.get(header.key()).textValue())
          .as("%s is shown as bytes: the tools do not know what it is", header.key())
          .doesNotStartWith("0x");
    }
  }

  @Test
  void whatIsAskedOverHttpAgreesWithWhatWasDone() throws Exception {
    int count = 300;
    try (Requests requests = new Requests(pipeline);
        ResultsReader results = new ResultsReader(pipeline);
        WorkerProcess worker = start()) {
      assertThat(requests.sendColors(count)).hasSize(count);
      results.awaitAnswered(count / 3, LIMIT);
      assertThat(worker.get("/health/live").statusCode()).isEqualTo(200);
      assertThat(worker.get("/health/ready").statusCode()).isEqualTo(200);
      assertThat(worker.get("/").body()).contains("worker", Models.COLORS);
      results.awaitAnswered(count, LIMIT);

      Awaitility.await()
          .atMost(LIMIT)
          .untilAsserted(() -> {
            Scrape metrics = Scrape.of(worker);
            assertThat(metrics.sum("sluice_inference_request_success_total")).isEqualTo(count);
            assertThat(metrics.sum("sluice_in_flight_records")).isZero();
            assertThat(metrics.sum("sluice_in_flight_bytes")).isZero();
            assertThat(metrics.sum("sluice_inference_pending_request_count")).isZero();
            assertThat(metrics.text()).contains("sluice_partition_lag_records{");
            assertThat(metrics.sum("sluice_partition_lag_records")).isZero();
          });
      Scrape metrics = Scrape.of(worker);
      assertThat(metrics.sum("sluice_inference_batch_size_sum")).isEqualTo(count);
      assertThat(metrics.sum("sluice_inference_request_failure_total")).isZero();
      assertThat(metrics.sum("sluice_dead_letters_total")).isZero();
      assertThat(worker.get("/health/live").statusCode()).isEqualTo(200);
      assertThat(worker.get("/health/ready").statusCode()).isEqualTo(200);
      assertThat(worker.get("/v2/health/ready").statusCode()).isEqualTo(200);
      JsonNode model = new JsonMapper().readTree(worker.get("/v2/models/colors").body());
      assertThat(model.get("name").textValue()).isEqualTo("colors");
      assertThat(model.get("versions").get(0).textValue()).isEqualTo("1");
      assertThat(model.at("/inputs/0/name").textValue()).isEqualTo("image");
      assertThat(model.at("/outputs/0/shape/1").intValue()).isEqualTo(3);
      assertThat(worker.get("/v2/models/none").statusCode()).isEqualTo(404);
      assertThat(worker.get("/nothing").statusCode()).isEqualTo(404);

      // An idle worker has nothing to drain: its budget is an hour.
      assertThat(worker.terminate(DRAIN)).as(worker.logTail()).isZero();
      assertThat(results.all())
          .extracting(InferenceResult::getBatchSize)
          .allMatch(size -> size > 0);
      assertThat(worker.log()).doesNotContain("WARN").doesNotContain("ERROR");
    }
  }

  private WorkerProcess start() {
    Map<String, String> settings = pipeline.settings(Models.create(folder.resolve("models")));
    settings.put("drain_budget", "1h");
    return WorkerProcess.start("worker", folder, settings);
  }

  private CommandRun dlt(String... arguments) {
    List<String> command = new ArrayList<>(List.of("dlt"));
    command.addAll(List.of(arguments));
    command.add("--bootstrap-servers=" + pipeline.kafka().bootstrapServers());
    command.add("--schema-registry=" + pipeline.registry().url());
    command.add("--dead-letters-topic=" + pipeline.deadLetters());
    return CommandRun.sluice(command.toArray(String[]::new));
  }

  private List<ConsumerRecord<byte[], byte[]>> deadLetters() {
    return TopicReader.all(pipeline.kafka().bootstrapServers(), pipeline.deadLetters());
  }

  private ConsumerRecord<byte[], byte[]> deadLetter(ProducerRecord<byte[], byte[]> sent) {
    return deadLetters().stream()
        .filter(letter -> Arrays.equals(letter.key(), sent.key()))
        .findFirst()
        .orElseThrow();
  }

  private static Map<String, String> texts(ConsumerRecord<byte[], byte[]> record) {
    Map<String, String> texts = new HashMap<>();
    record.headers().forEach(header -> texts.put(header.key(), new String(header.value(), UTF_8)));
    return texts;
  }

  private static ByteBuffer bytes(ConsumerRecord<byte[], byte[]> record, String header) {
    return ByteBuffer.wrap(
        requireNonNull(record.headers().lastHeader(header), () -> "no header " + header).value());
  }
}

package dev.sluice.system;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.devstack.ImageServer;
import dev.sluice.devstack.KafkaCluster;
import dev.sluice.devstack.SchemaRegistry;
import dev.sluice.devstack.junit.FreshNames;
import dev.sluice.devstack.junit.WithDevstack;
import dev.sluice.tools.CommandRun;
import dev.sluice.tools.local.WorkerProcess;
import dev.sluice.v1.InferenceRequest;
import dev.sluice.v1.Status;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images are missing, somebody puts them there, and the dead letters are sent again. */
@WithDevstack
class DeadLetterReplayIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int COUNT = 30;

  /** Of these the images stay missing. */
  private static final int LOST = 3;

  @TempDir private Path folder;

  private final Pipeline pipeline;

  DeadLetterReplayIT(KafkaCluster kafka, SchemaRegistry registry, FreshNames names) {
    pipeline = Pipeline.create(kafka, registry, names, 2);
  }

  @Test
  void whatFailedSucceedsOnceItsCauseIsGoneAndTheDeadLettersTellTheStory() throws Exception {
    Path images = Files.createDirectories(folder.resolve("images"));
    Map<String, String> settings =
        pipeline.settings(Models.create(Files.createDirectories(folder.resolve("models"))));
    List<String> ids = IntStream.range(0, COUNT).mapToObj("missing-%02d"::formatted).toList();
    try (ImageServer server = ImageServer.launch(images);
        Requests requests = new Requests(pipeline);
        ResultsReader results = new ResultsReader(pipeline)) {
      settings.put("images.allow", server.url());
      try (WorkerProcess worker = WorkerProcess.start("worker", folder, settings)) {
        for (String id : ids) {
          requests.send(
              InferenceRequest.newBuilder()
                  .setRequestId(id)
                  .setImageUri(server.url(id + ".png"))
                  .build(),
              Map.of("traceparent", "of " + id));
        }
        results.awaitAnswered(COUNT, LIMIT);
        assertThat(results.all())
            .allSatisfy(
                result -> assertThat(result.getError().getCode()).isEqualTo("IMAGE_NOT_FOUND"));
        assertThat(deadLetters()).hasSize(COUNT);

        for (String id : ids.subList(LOST, COUNT)) {
          Files.write(images.resolve(id + ".png"), bytes(Requests.color(0).getImageBytes()));
        }
        JsonNode dry = replay(server, "--dry-run");
        assertThat(dry.get("would_send").asInt()).isEqualTo(COUNT);
        assertThat(dry.get("requests").get(0).get("origin").asText()).isEqualTo(server.url());
        assertThat(replay(server).get("sent").asInt()).isEqualTo(COUNT);

        awaitResults(results, 2 * COUNT);
        for (int i = 0; i < COUNT; i++) {
          List<ResultsReader.Received> both =
              requireNonNull(results.byId().get(ids.get(i)), "no result");
          assertThat(both).as(ids.get(i)).hasSize(2);
          assertThat(both.get(1).result().getStatus())
              .isEqualTo(i < LOST ? Status.FAILED : Status.SUCCEEDED);
          assertThat(header(both.get(1).record(), "traceparent"))
              .isEqualTo(("of " + ids.get(i)).getBytes(UTF_8));
          assertThat(both.get(0).record().headers().lastHeader("sluice-replays")).isNull();
          assertThat(header(both.get(1).record(), "sluice-replays"))
              .isEqualTo(new byte[] {0, 0, 0, 1});
        }
        theDeadLettersTellTheStory(ids);

        // Those that failed again are new dead letters; they go until the limit is reached.
        for (int replays = 2; replays <= 3; replays++) {
          assertThat(replay(server).get("sent").asInt()).isEqualTo(LOST);
          awaitResults(results, 2 * COUNT + (replays - 1) * LOST);
        }
        JsonNode refused = replay(server);
        assertThat(refused.get("sent").asInt()).isZero();
        assertThat(refused.get("refused").asInt()).isEqualTo(LOST);
        assertThat(refused.get("refusals").get(0).get("reason").asText())
            .isEqualTo("REPLAYED_TOO_OFTEN");
        results.readToEnd();
        assertThat(results.all()).hasSize(2 * COUNT + 2 * LOST);
        assertThat(deadLetters()).hasSize(COUNT + 3 * LOST);
        assertThat(worker.isRunning()).isTrue();
      }
    }
  }

  /** The first ones stay as they were; of what failed again a new one says where it came from. */
  private void theDeadLettersTellTheStory(List<String> ids) {
    List<ConsumerRecord<byte[], byte[]>> letters = deadLetters();
    assertThat(letters).hasSize(COUNT + LOST);
    for (ConsumerRecord<byte[], byte[]> again : letters.subList(COUNT, COUNT + LOST)) {
      String id = new String(again.key(), UTF_8);
      assertThat(ids.subList(0, LOST)).contains(id);
      ConsumerRecord<byte[], byte[]> first =
          letters.subList(0, COUNT).stream()
              .filter(letter -> new String(letter.key(), UTF_8).equals(id))
              .findFirst()
              .orElseThrow();
      assertThat(again.value()).isEqualTo(first.value());
      assertThat(new String(header(again, "sluice-replayed-from"), UTF_8))
          .isEqualTo("%s-%d@%d".formatted(first.topic(), first.partition(), first.offset()));
      assertThat(header(again, "sluice-replays")).isEqualTo(new byte[] {0, 0, 0, 1});
      assertThat(header(again, "sluice-attempts")).isEqualTo(header(first, "sluice-attempts"));
      assertThat(again.headers().headers("kafka_dlt-original-topic")).hasSize(1);
      assertThat(ByteBuffer.wrap(header(again, "kafka_dlt-original-offset")).getLong())
          .isGreaterThan(ByteBuffer.wrap(header(first, "kafka_dlt-original-offset")).getLong());
      assertThat(first.headers().lastHeader("sluice-replays")).isNull();
    }
  }

  private static void awaitResults(ResultsReader results, int count) {
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(() -> {
          results.readToEnd();
          assertThat(results.all()).hasSize(count);
        });
  }

  private JsonNode replay(ImageServer server, String... more) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "dlt",
                "replay",
                "--code=IMAGE_NOT_FOUND",
                "--origin=" + server.url(),
                "--rate=200",
                "--json",
                "--bootstrap-servers=" + pipeline.kafka().bootstrapServers(),
                "--schema-registry=" + pipeline.registry().url(),
                "--dead-letters-topic=" + pipeline.deadLetters()));
    command.addAll(List.of(more));
    CommandRun run = CommandRun.sluice(command.toArray(String[]::new));
    assertThat(run.json()).as(run.err()).hasSize(1);
    return run.json().getFirst();
  }

  private List<ConsumerRecord<byte[], byte[]>> deadLetters() {
    return TopicReader.all(pipeline.kafka().bootstrapServers(), pipeline.deadLetters());
  }

  private static byte[] header(ConsumerRecord<byte[], byte[]> record, String name) {
    return requireNonNull(record.headers().lastHeader(name), () -> "no header " + name).value();
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }
}

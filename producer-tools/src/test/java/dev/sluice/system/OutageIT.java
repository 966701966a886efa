package dev.sluice.system;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sluice.devstack.Behaviour;
import dev.sluice.devstack.ImageServer;
import dev.sluice.devstack.KafkaCluster;
import dev.sluice.devstack.ObjectStore;
import dev.sluice.devstack.Ports;
import dev.sluice.devstack.SchemaRegistry;
import dev.sluice.devstack.junit.FreshNames;
import dev.sluice.devstack.junit.Private;
import dev.sluice.devstack.junit.WithDevstack;
import dev.sluice.tools.local.WorkerProcess;
import dev.sluice.v1.Classification;
import dev.sluice.v1.InferenceRequest;
import dev.sluice.v1.InferenceResult;
import dev.sluice.v1.Status;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What an origin that is down for everybody does to requests: those that need it wait, the others
 * are answered, and none of them becomes a dead letter.
 */
@WithDevstack
class OutageIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration DRAIN = Duration.ofSeconds(40);

  /** The only step of the retry ladder. */
  private static final String STEP = "300ms";

  @TempDir private Path folder;
  @TempDir private Path pictures;

  private final Pipeline pipeline;
  private final FreshNames names;

  OutageIT(KafkaCluster kafka, SchemaRegistry registry, FreshNames names) {
    this.pipeline = Pipeline.create(kafka, registry, names, 2);
    this.names = names;
  }

  @Test
  void theRequestsOfAnOriginThatIsDownWaitAndTheOthersGoOn() throws IOException {
    int count = 600;
    pipeline.kafka().createTopic(pipeline.requests() + "-retry-" + STEP, 1);
    Path images = ColorFiles.create(pictures).folder();
    int port = Ports.free();
    String down = "http://127.0.0.1:" + port;
    try (ImageServer healthy = ImageServer.launch(images);
        Requests requests = new Requests(pipeline);
        ResultsReader results = new ResultsReader(pipeline);
        WorkerProcess worker =
            start(
                Map.of(
                    "images.allow",
                    "http://127.0.0.1:*",
                    "topics.retries",
                    STEP,
                    // Far fewer than wait.
                    "in_flight.max_records",
                    "50"))) {
      healthy.behave("/poison", new Behaviour.Status(500));
      List<String> sent =
          requests.send(
              count, number -> ColorFiles.request(number, number % 2 == 0 ? down : healthy.url()));
      requests.send(1, _ -> poison(healthy.url("/poison.png")));

      results.awaitAnswered(count / 2 + 1, LIMIT);
      awaitWaiting(worker, down, count / 2);

      assertDegraded(worker, down, count / 2);
      results.readToEnd();
      Set<String> others =
          sent.stream()
              .filter(id -> number(id) % 2 == 1)
              .collect(Collectors.toCollection(HashSet::new));
      others.add("poison");
      assertThat(results.byId().keySet()).as("answered during the outage").isEqualTo(others);
      assertThat(deadLetters()).as("dead letters: the bad request alone").containsExactly("poison");
      assertThat(healthy.requests("/poison.png"))
          .as("up to three attempts at each step, as many as fit into their window")
          .isBetween(2, 6);
      assertThat(
              Scrape.of(worker)
                  .sum("sluice_circuit_breaker_state", "origin=\"" + healthy.url() + "\""))
          .isZero();

      try (ImageServer back = ImageServer.launch(images, port)) {
        assertThat(back.url()).isEqualTo(down);
        results.awaitAnswered(count + 1, LIMIT);
        awaitWaiting(worker, down, 0);
        assertThat(json(worker.get("/health/ready")).get("degraded")).isEmpty();
      }
      assertThat(worker.terminate(DRAIN)).as(worker.logTail()).isZero();
      results.readToEnd();
      List<String> all = new ArrayList<>(sent);
      all.add("poison");
      Account account = results.account(all);
      assertThat(account.missing()).as("%s", account).isEmpty();
      assertThat(account.duplicates()).as("%s", account).isZero();
      assertThat(results.all())
          .filteredOn(result -> !result.getRequestId().equals("poison"))
          .allSatisfy(OutageIT::isRight);
      assertThat(deadLetters()).containsExactly("poison");
      assertThat(worker.log())
          .contains(down + " fails; requests for it wait", down + " is well again");
    }
  }

  @Test
  void anObjectStoreThatIsStoppedAndStartedLosesNothingAndAWorkerThatCanDoNothingElseIsNotReady(
      @Private ObjectStore store) {
    int before = 6;
    int count = 60;
    String bucket = names.of("photos");
    store.createBucket(bucket);
    for (int color = 0; color < 3; color++) {
      store.put(bucket, ColorFiles.name(color), ColorFiles.bytes(color));
    }
    Map<String, String> settings =
        Map.of(
            "images.allow",
            "s3://" + bucket,
            "images.s3.endpoint",
            store.endpoint(),
            "images.s3.access_key_id",
            store.credentials().accessKeyId(),
            "images.s3.secret_access_key",
            store.credentials().secretAccessKey(),
            "in_flight.max_run_ahead",
            "15");
    try (Requests requests = new Requests(pipeline);
        ResultsReader results = new ResultsReader(pipeline);
        WorkerProcess worker = start(settings)) {
      List<String> sent =
          requests.send(before, number -> ColorFiles.request(number, "s3://" + bucket));
      results.awaitAnswered(before, LIMIT);
      store.stop();
      sent.addAll(
          requests.send(count, number -> ColorFiles.request(before + number, "s3://" + bucket)));
      awaitWaiting(worker, "s3://" + bucket, 30);
      results.readToEnd();
      assertThat(results.byId()).hasSize(before);
      // While one of them is tried again, not everything is held up.
      Awaitility.await()
          .atMost(LIMIT)
          .untilAsserted(() -> {
            HttpResponse<String> ready = worker.get("/health/ready");
            assertThat(ready.statusCode()).isEqualTo(503);
            assertThat(ready.body())
                .contains(
                    "every assigned partition is held up", "requests wait for s3://" + bucket);
          });
      assertThat(worker.get("/health/live").statusCode()).isEqualTo(200);

      store.start();

      results.awaitAnswered(sent.size(), LIMIT);
      Account account = results.account(sent);
      assertThat(account.missing()).as("%s", account).isEmpty();
      assertThat(results.all()).allSatisfy(OutageIT::isRight);
      assertThat(deadLetters()).isEmpty();
      Awaitility.await().atMost(LIMIT).until(worker::isReady);
    }
  }

  private WorkerProcess start(Map<String, String> more) {
    Map<String, String> settings = pipeline.settings(Models.create(folder.resolve("models")));
    settings.put("images.probe_interval", "500ms");
    settings.putAll(more);
    return WorkerProcess.start("worker", folder, settings);
  }

  private static InferenceRequest poison(String uri) {
    return InferenceRequest.newBuilder().setRequestId("poison").setImageUri(uri).build();
  }

  private static int number(String requestId) {
    return Integer.parseInt(requestId.substring(requestId.indexOf('-') + 1));
  }

  private static void awaitWaiting(WorkerProcess worker, String dependency, int requests) {
    Awaitility.await()
        .atMost(LIMIT)
        // The one that makes a trial does not wait at that moment.
        .untilAsserted(() -> assertThat(waiting(worker, dependency)).isEqualTo(requests));
  }

  private static double waiting(WorkerProcess worker, String dependency) {
    return Scrape.of(worker).sum("sluice_waiting_requests", "dependency=\"" + dependency + "\"");
  }

  private static void assertDegraded(WorkerProcess worker, String origin, int requests)
      throws IOException {
    HttpResponse<String> ready = worker.get("/health/ready");
    assertThat(ready.statusCode()).as(ready.body()).isEqualTo(200);
    assertThat(json(ready).get("degraded")).hasSize(1);
    assertThat(json(ready).get("degraded").get(0).textValue())
        .contains("requests wait for " + origin);
    assertThat(worker.get("/").body()).contains("Waiting for what is down", origin);
    assertThat(waiting(worker, origin)).isBetween(requests - 1.0, (double) requests);
  }

  private static JsonNode json(HttpResponse<String> response) throws IOException {
    return new JsonMapper().readTree(response.body());
  }

  private List<String> deadLetters() {
    return TopicReader.all(pipeline.kafka().bootstrapServers(), pipeline.deadLetters()).stream()
        .map(letter -> new String(letter.key(), UTF_8))
        .toList();
  }

  private static void isRight(InferenceResult result) {
    assertThat(result.getStatus()).as("%s", result).isEqualTo(Status.SUCCEEDED);
    assertThat(((Classification) result.getOutput()).getClasses().getFirst().getLabel())
        .as(result.getRequestId())
        .isEqualTo(Requests.label(result.getRequestId()));
  }
}

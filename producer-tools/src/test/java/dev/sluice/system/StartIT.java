package dev.sluice.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.devstack.Assets;
import dev.sluice.devstack.KafkaCluster;
import dev.sluice.devstack.Ports;
import dev.sluice.devstack.SchemaRegistry;
import dev.sluice.devstack.junit.FreshNames;
import dev.sluice.devstack.junit.WithDevstack;
import dev.sluice.tools.local.WorkerProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A worker that cannot start says so in one message, without a stack trace, and its exit code tells
 * a wrong configuration (2) from a world that is not ready (1).
 */
@WithDevstack
class StartIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** Takes seconds to load. */
  private static final int MANY_MODELS = 8;

  @TempDir private Path folder;

  private final Pipeline pipeline;
  private final FreshNames names;

  StartIT(KafkaCluster kafka, SchemaRegistry registry, FreshNames names) {
    this.names = names;
    pipeline = Pipeline.create(kafka, registry, names, 1);
  }

  @Test
  void aWrongConfigurationIsToldKeyByKey() {
    Map<String, String> settings = settings();
    settings.put("in_flight.max_record", "3");
    settings.put("images.timeout", "soon");

    ends(settings, 2, "in_flight.max_record", "did you mean in_flight.max_records?", "soon");
  }

  @Test
  void aMissingModelRepositoryIsNamed() {
    Map<String, String> settings = settings();
    settings.put("models.repository", folder.resolve("none").toString());

    ends(settings, 2, folder.resolve("none") + ": there is no such folder", "model.onnx");
  }

  @Test
  void aModelThatCannotBeLoadedIsNamed() throws IOException {
    Map<String, String> settings = settings();
    Files.writeString(folder.resolve("colors/1/model.onnx"), "hello");

    ends(settings, 2, "colors/1/model.onnx", "ONNX Runtime cannot load it");
  }

  @Test
  void aMissingTopicIsNamedWithTheWayToMakeIt() {
    Map<String, String> settings = settings();
    String missing = names.of("missing");
    settings.put("topics.results", missing);

    ends(settings, 1, "there is no topic " + missing, "sluice topics create");
  }

  @Test
  void aPortThatIsTakenIsNamed() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Map<String, String> settings = settings();
      settings.put("http.port", String.valueOf(taken.getLocalPort()));

      ends(settings, 1, "cannot listen on", "http.port " + taken.getLocalPort());
    }
  }

  @Test
  void aWorkerThatWaitsForBrokersStopsAtOnceWhenAsked() {
    Map<String, String> settings = settings();
    settings.put("kafka.bootstrap_servers", "127.0.0.1:" + Ports.free());
    stopsWhileWaiting(settings);
  }

  @Test
  void aWorkerThatWaitsForTheRegistryStopsAtOnceWhenAsked() {
    Map<String, String> settings = settings();
    settings.put("kafka.schema_registry_url", "http://127.0.0.1:" + Ports.free());
    stopsWhileWaiting(settings);
  }

  /**
   * ONNX Runtime's own shutdown hook would free its environment under the model that is being
   * loaded, which aborts the process more often than not.
   */
  @RepeatedTest(3)
  void aWorkerThatLoadsItsModelsStopsInOrderWhenAsked() throws IOException {
    Map<String, String> settings = settings();
    Path repository = Files.createDirectory(folder.resolve("many"));
    for (int i = 0; i < MANY_MODELS; i++) {
      Files.createSymbolicLink(repository.resolve("model-" + i), Assets.models().resolve("ppocr"));
    }
    settings.put("models.repository", repository.toString());
    settings.put("models.default", "model-0");
    try (WorkerProcess worker = WorkerProcess.launch("worker", folder, settings)) {
      Awaitility.await()
          .atMost(LIMIT)
          .pollInterval(Duration.ofMillis(20))
          .until(() -> worker.log().contains("Loaded model model-0"));
      assertThat(worker.terminate(LIMIT)).as(worker.logTail()).isZero();
      assertThat(worker.log())
          .contains("stopped while starting")
          .doesNotContain("Loaded model model-" + (MANY_MODELS - 1), "\tat ");
    }
  }

  private void stopsWhileWaiting(Map<String, String> settings) {
    try (WorkerProcess worker = WorkerProcess.launch("worker", folder, settings)) {
      Awaitility.await()
          .atMost(LIMIT)
          .until(() ->
              worker.log().contains("waiting for ")
                  || worker.log().contains("could not be established"));
      assertThat(worker.get("/health/live").statusCode()).isEqualTo(200);
      assertThat(worker.get("/health/ready").statusCode()).isEqualTo(503);
      assertThat(worker.get("/").body()).contains("the worker is starting");
      // Without being asked it would wait for longer than this.
      assertThat(worker.terminate(LIMIT)).as(worker.logTail()).isZero();
      assertThat(worker.log()).contains("stopped while starting").doesNotContain("\tat ");
    }
  }

  private Map<String, String> settings() {
    return pipeline.settings(Models.create(folder));
  }

  private void ends(Map<String, String> settings, int exitCode, String... said) {
    try (WorkerProcess worker = WorkerProcess.launch("worker", folder, settings)) {
      assertThat(worker.awaitExit(LIMIT)).as(worker.logTail()).isEqualTo(exitCode);
      assertThat(worker.log())
          .contains(said)
          .doesNotContain("\tat ")
          .doesNotContain("Exception")
          .doesNotContain("ERROR");
    }
  }
}

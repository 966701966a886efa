package dev.sluice.worker.telemetry;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.telemetry.WorkerStatus.Breaker;
import dev.sluice.worker.telemetry.WorkerStatus.BreakerState;
import dev.sluice.worker.telemetry.WorkerStatus.Intake;
import dev.sluice.worker.telemetry.WorkerStatus.Lag;
import dev.sluice.worker.telemetry.WorkerStatus.Partition;
import dev.sluice.worker.telemetry.WorkerStatus.Waiting;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TelemetryServerTest {
  private static final String EVIL = "<script>alert('\"&')</script>";

  private final AtomicReference<Vitals> vitals = new AtomicReference<>(Samples.well());
  private final AtomicReference<WorkerStatus> status =
      new AtomicReference<>(Samples.status(new Intake.Open(), List.of(), List.of()));
  private final Metrics metrics = new Metrics();
  private final TelemetrySources sources =
      new TelemetrySources(status::get, vitals::get, () -> List.of(Samples.signs()));
  private final HttpClient client = HttpClient.newHttpClient();
  private TelemetryServer server;

  @BeforeEach
  void start() throws IOException {
    server = startOn(0);
  }

  @AfterEach
  void stop() {
    server.close();
    client.close();
    metrics.close();
  }

  @Test
  void theStatusPageShowsEverythingAndEscapesIt() throws Exception {
    metrics.deadLetter(ErrorCode.INTERNAL);
    status.set(
        Samples.status(
            new Intake.Paused("the results topic " + EVIL + " does not answer"),
            List.of(new Partition("inference-requests", 2, new Lag.Records(1234), 17)),
            List.of(new Breaker("https://" + EVIL, BreakerState.HALF_OPEN, Samples.STARTED)),
            List.of(new Waiting("http://" + EVIL, 77, Samples.STARTED))));
    vitals.set(
        new Vitals(
            true,
            false,
            false,
            new Vitals.PollLoop.Polling(Duration.ZERO, Duration.ZERO),
            List.of()));

    HttpResponse<String> page = get("/");

    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.headers().firstValue("content-type")).contains("text/html; charset=utf-8");
    assertThat(page.headers().firstValue("content-security-policy").orElse(""))
        .contains("default-src 'none'");
    assertThat(page.body())
        .doesNotContain("<script", "alert('")
        .contains("&lt;script&gt;alert(&#39;&quot;&amp;&#39;)&lt;/script&gt;")
        .contains("worker-1", "running for", "0d 01:00:00", "not reading requests")
        .contains("inference-requests-2", "1234", "17", "signs version 3", "half open")
        .contains("Waiting for what is down", "<td>77</td>")
        .contains("not ready", "has not joined its consumer group", "http-equiv=\"refresh\"");
  }

  @Test
  void metricsAreInPrometheusFormat() throws Exception {
    HttpResponse<String> scraped = get("/metrics");

    assertThat(scraped.headers().firstValue("content-type").orElse(""))
        .startsWith("text/plain; version=0.0.4");
    assertThat(scraped.body()).contains("sluice_in_flight_records 12.0");
  }

  @Test
  void healthIsAStatusCodeWithReasons() throws Exception {
    assertThat(json(get("/health/live"), 200).path("status").asText()).isEqualTo("UP");
    assertThat(json(get("/health/ready"), 200).path("problems")).isEmpty();

    vitals.set(
        new Vitals(false, false, false, new Vitals.PollLoop.Ended("OutOfMemoryError"), List.of()));

    assertThat(json(get("/health/live"), 503).path("problems").get(0).asText())
        .contains("OutOfMemoryError");
    assertThat(json(get("/health/ready"), 503).path("status").asText()).isEqualTo("DOWN");
    assertThat(json(get("/v2/health/live"), 400).path("live").asBoolean()).isFalse();
    assertThat(json(get("/v2/health/ready"), 400).path("ready").asBoolean()).isFalse();
    assertThat(json(get("/v2/models/signs/ready"), 400).path("ready").asBoolean()).isFalse();
  }

  @Test
  void aWorkerIsReadyWhileSomeOfTheWorkGoesOn() throws Exception {
    List<Waiting> waiting = List.of(new Waiting("https://a.example", 300, Samples.STARTED));
    status.set(Samples.status(new Intake.Open(), List.of(), List.of(), waiting));

    JsonNode ready = json(get("/health/ready"), 200);
    assertThat(ready.path("status").asText()).isEqualTo("UP");
    assertThat(ready.path("degraded"))
        .extracting(JsonNode::asText)
        .containsExactly(
            "300 requests wait for https://a.example, down since 2026-11-20T10:00:00Z");

    status.set(Samples.status(new Intake.HeldUp(), List.of(), List.of(), waiting));

    JsonNode heldUp = json(get("/health/ready"), 503);
    assertThat(heldUp.path("problems").get(0).asText()).contains("every assigned partition");
    assertThat(heldUp.path("degraded")).hasSize(1);
    assertThat(json(get("/v2/health/ready"), 400).path("ready").asBoolean()).isFalse();
    assertThat(json(get("/health/live"), 200).has("degraded")).isFalse();
    assertThat(get("/").body()).contains("not reading requests", "all wait for what is down");
    assertThat(get("/metrics").body()).contains("sluice_intake_paused 1.0");
  }

  @Test
  void modelsAreDescribedAsTheOpenInferenceProtocolSays() throws Exception {
    assertThat(json(get("/v2"), 200).path("name").asText()).isEqualTo("sluice");
    assertThat(json(get("/v2/"), 200).path("version").asText()).isEqualTo("1.2.3");
    assertThat(json(get("/v2/health/ready"), 200).path("ready").asBoolean()).isTrue();
    JsonNode signs = json(get("/v2/models/signs"), 200);
    assertThat(signs)
        .isEqualTo(
            new ObjectMapper()
                .readTree(
                    """
                    {"name": "signs", "versions": ["2", "3"], "platform": "onnxruntime_onnx",
                     "inputs": [{"name": "x", "datatype": "FP32", "shape": [-1, 3, -1, -1]}],
                     "outputs": [{"name": "y", "datatype": "FP32", "shape": [-1, 1]}]}
                    """));
    assertThat(json(get("/v2/models/signs/versions/2"), 200)).isEqualTo(signs);
    assertThat(json(get("/v2/models/signs/versions/2/ready"), 200).path("ready").asBoolean())
        .isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "/nothing, nothing at this path",
    "/v2/nothing, nothing at this path",
    "/v2/models, nothing at this path",
    "/v2/models/other, no such model",
    "/v2/models/signs/versions/9, no such version",
    "/v2/models/signs/infer, goes through Kafka",
    "/v2/models/%3Cb%3E, no such model",
    "/health, nothing at this path",
    "/metrics/../health/live, nothing at this path"
  })
  void whatIsNotThereIsNotFound(String path, String message) throws Exception {
    assertThat(json(get(path), 404).path("error").asText()).contains(message);
  }

  @Test
  void onlyReads() throws Exception {
    HttpRequest post =
        HttpRequest.newBuilder(address("/")).POST(HttpRequest.BodyPublishers.ofString("x")).build();
    HttpRequest head = HttpRequest.newBuilder(address("/")).HEAD().build();

    assertThat(client.send(post, HttpResponse.BodyHandlers.ofString()).statusCode()).isEqualTo(405);
    assertThat(client.send(head, HttpResponse.BodyHandlers.ofString()).statusCode()).isEqualTo(200);
  }

  @Test
  void aSupplierThatFailsIsAnAnsweredRequest() throws Exception {
    server.close();
    TelemetrySources broken =
        new TelemetrySources(
            () -> {
              throw new IllegalStateException("of the test");
            },
            vitals::get,
            List::of);
    server =
        new TelemetryServer(
            new HttpSettings("127.0.0.1", 0),
            metrics,
            broken,
            Health.Limits.standard(),
            "1.2.3",
            InstantSource.system());

    assertThat(json(get("/"), 500).path("error").asText()).doesNotContain("of the test");
    assertThat(json(get("/health/live"), 200).path("status").asText()).isEqualTo("UP");
  }

  @Test
  void whoSendsNothingKeepsNobodyElseWaiting() throws Exception {
    List<Socket> silent = new ArrayList<>();
    try {
      for (int i = 0; i < 50; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: a".getBytes(US_ASCII));
        silent.add(socket);
      }
      assertThat(get("/health/live").statusCode()).isEqualTo(200);
    } finally {
      for (Socket socket : silent) {
        socket.close();
      }
    }
  }

  @Test
  void aPortThatIsTakenIsNamed() {
    assertThatThrownBy(() -> startOn(server.port()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("http.port " + server.port());
  }

  private TelemetryServer startOn(int port) throws IOException {
    return new TelemetryServer(
        new HttpSettings("127.0.0.1", port),
        metrics,
        sources,
        Health.Limits.standard(),
        "1.2.3",
        () -> Samples.STARTED.plus(Duration.ofHours(1)));
  }

  private URI address(String path) {
    return URI.create("http://127.0.0.1:" + server.port() + path);
  }

  private HttpResponse<String> get(String path) throws Exception {
    return client.send(
        HttpRequest.newBuilder(address(path)).build(), HttpResponse.BodyHandlers.ofString());
  }

  private static JsonNode json(HttpResponse<String> response, int status) throws Exception {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(response.headers().firstValue("content-type")).contains("application/json");
    return new ObjectMapper().readTree(response.body());
  }
}

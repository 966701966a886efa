package dev.sluice.worker.telemetry;

import static java.util.Objects.requireNonNull;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The worker's HTTP surface: status page, metrics, health, model metadata. Read only; it shows no
 * secret and changes nothing. Each request runs on a virtual thread of its own.
 */
public final class TelemetryServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TelemetryServer.class);

  /** Limits of the JDK's server, which reads them once; see docs/decisions/http-server.md. */
  private static final Map<String, String> LIMITS =
      Map.of(
          "jdk.httpserver.maxConnections", "200",
          "sun.net.httpserver.maxReqTime", "10",
          "sun.net.httpserver.maxRspTime", "30");

  private final Metrics metrics;
  private final TelemetrySources sources;
  private final Exposition exposition;
  private final OpenInferenceProtocol protocol;
  private final Health.Limits limits;
  private final InstantSource clock;
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  /**
   * Binds the port and begins to serve.
   *
   * @param version of the worker, for the protocol's server metadata
   * @throws IOException that names the address when it cannot be bound
   */
  public TelemetryServer(
      HttpSettings settings,
      Metrics metrics,
      TelemetrySources sources,
      Health.Limits limits,
      String version,
      InstantSource clock)
      throws IOException {
    this.metrics = requireNonNull(metrics, "metrics is null");
    this.sources = requireNonNull(sources, "sources is null");
    this.limits = requireNonNull(limits, "limits is null");
    this.clock = requireNonNull(clock, "clock is null");
    this.exposition = new Exposition(metrics, sources.status());
    this.protocol = new OpenInferenceProtocol(sources, limits, version);
    LIMITS.forEach((name, value) -> {
      if (System.getProperty(name) == null) {
        System.setProperty(name, value);
      }
    });
    this.server = bind(settings);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  /** The port that it listens on. */
  public int port() {
    return server.getAddress().getPort();
  }

  /** Stops serving at once. */
  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  private static HttpServer bind(HttpSettings settings) throws IOException {
    try {
      return HttpServer.create(new InetSocketAddress(settings.host(), settings.port()), 50);
    } catch (IOException | IllegalArgumentException e) {
      throw new IOException(
          "cannot listen on http.host "
              + settings.host()
              + ", http.port "
              + settings.port()
              + ": "
              + e.getMessage(),
          e);
    }
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String method = exchange.getRequestMethod();
      boolean head = method.equals("HEAD");
      Reply reply =
          head || method.equals("GET")
              ? safely(exchange.getRequestURI().getPath())
              : Reply.json(405, Map.of("error", "only GET and HEAD"));
      Headers headers = exchange.getResponseHeaders();
      if (reply.status() == 405) {
        headers.set("Allow", "GET, HEAD");
      }
      headers.set("Content-Type", reply.contentType());
      headers.set("Cache-Control", "no-store");
      headers.set("X-Content-Type-Options", "nosniff");
      headers.set(
          "Content-Security-Policy",
          "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
      exchange.sendResponseHeaders(
          reply.status(), head || reply.body().length == 0 ? -1 : reply.body().length);
      if (!head) {
        try (OutputStream body = exchange.getResponseBody()) {
          body.write(reply.body());
        }
      }
    }
  }

  private Reply safely(String path) {
    try {
      return answer(path);
    } catch (RuntimeException e) {
      LOG.error("cannot answer GET {}", path, e);
      return Reply.json(500, Map.of("error", "see the worker's log"));
    }
  }

  private Reply answer(String path) {
    return switch (path) {
      case "/" ->
          Reply.html(
              StatusPage.render(
                  sources.status().get(),
                  metrics.tally(),
                  live(),
                  ready().health(),
                  clock.instant()));
      case "/metrics" -> Reply.metrics(exposition.scrape());
      case "/health/live" -> health(live(), Map.of());
      case "/health/ready" -> {
        Readiness ready = ready();
        yield health(ready.health(), Map.of("degraded", ready.degraded()));
      }
      default -> {
        List<String> parts = Arrays.stream(path.split("/")).filter(p -> !p.isEmpty()).toList();
        yield !parts.isEmpty() && parts.getFirst().equals("v2")
            ? protocol.answer(parts.subList(1, parts.size()))
            : OpenInferenceProtocol.notFound(
                "there is nothing at this path; try /, /metrics, /health/live, /health/ready, /v2");
      }
    };
  }

  private Health live() {
    return Health.live(sources.vitals().get(), limits);
  }

  private Readiness ready() {
    return Readiness.of(sources, limits);
  }

  private static Reply health(Health health, Map<String, Object> more) {
    Map<String, Object> said = new TreeMap<>(more);
    said.put("status", health.isUp() ? "UP" : "DOWN");
    said.put("problems", health.problems());
    return Reply.json(health.isUp() ? 200 : 503, said);
  }
}

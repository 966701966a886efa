package dev.sluice.worker.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.sluice.worker.model.RecordedParking;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who waits for a registry that is away, and how that is told. */
@Timeout(30)
class RegistryClientTest {
  private static final Instant NOW = Instant.parse("2026-11-20T10:00:00Z");

  private final Events events = new Events();
  private HttpServer server;
  private RegistryClient client;

  private final AtomicInteger asked = new AtomicInteger();

  private volatile boolean away;
  private volatile boolean empty;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
    server.createContext("/", this::answer);
    server.start();
    String url = "http://127.0.0.1:" + server.getAddress().getPort();
    client =
        RegistryClient.open(
            new ConnectionSettings("127.0.0.1:1", url, "group", Map.of(), Map.of(), Map.of()),
            new Backoff(Duration.ofMillis(10), Duration.ofMillis(50)),
            events,
            () -> NOW);
  }

  @AfterEach
  void stop() throws IOException {
    client.close();
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    asked.incrementAndGet();
    if (away) {
      answer(exchange, 500, "{\"error_code\": 50003, \"message\": \"forwarding failed\"}");
    } else if (empty) {
      answer(exchange, 404, "{\"error_code\": 40403, \"message\": \"Schema not found\"}");
    } else {
      answer(exchange, 200, "{\"schema\": \"\\\"string\\\"\"}");
    }
  }

  private static void answer(HttpExchange exchange, int status, String text) throws IOException {
    try (exchange) {
      byte[] body = text.getBytes(UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(status, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private CompletableFuture<Boolean> ask(int id, RecordedParking parking) {
    CompletableFuture<Boolean> answer = new CompletableFuture<>();
    asker(id, parking, answer).start();
    return answer;
  }

  private Thread asker(int id, RecordedParking parking, CompletableFuture<Boolean> answer) {
    return Thread.ofVirtual()
        .unstarted(() -> {
          try {
            answer.complete(client.knows("s-value", id, parking));
          } catch (InterruptedException e) {
            answer.completeExceptionally(e);
          }
        });
  }

  @Test
  void whoeverWaitsForARegistryThatIsAwayIsParkedUntilItIsBack() throws Exception {
    away = true;
    RecordedParking asking = new RecordedParking();
    RecordedParking behind = new RecordedParking();
    CompletableFuture<Boolean> first = ask(1, asking);
    await().until(asking::isParked);
    CompletableFuture<Boolean> second = ask(2, behind);
    await().until(behind::isParked);
    assertThat(first).isNotDone();
    assertThat(client.state()).isEqualTo(new RegistryState(2, NOW));

    away = false;

    assertThat(first.get()).isTrue();
    assertThat(second.get()).isTrue();
    assertThat(asking.isParked()).isFalse();
    assertThat(behind.isParked()).isFalse();
    assertThat(asking.waitedFor()).containsExactly("the schema registry");
    assertThat(behind.waitedFor()).containsExactly("the schema registry");
    assertThat(events.registryFailures).isNotEmpty();
    assertThat(client.state().waiting()).isZero();
  }

  @Test
  void whatIsKnownOrAnsweredAtOnceIsNotParked() throws Exception {
    RecordedParking parking = new RecordedParking();
    assertThat(client.knows("s-value", 1, parking)).isTrue();
    away = true;
    assertThat(client.knows("s-value", 1, parking)).isTrue();
    assertThat(client.knows("s-value", -1, parking)).isFalse();
    assertThat(parking.waitedFor()).isEmpty();
  }

  /** Whoever sends nonsense with an id that does not exist costs the registry one question. */
  @Test
  void anUnknownIdIsAskedForOnce() throws Exception {
    empty = true;
    for (int i = 0; i < 1_000; i++) {
      assertThat(client.knows("s-value", 99_999_999, new RecordedParking())).isFalse();
    }
    assertThat(asked).hasValue(1);
  }

  @Test
  void anInterruptEndsTheWait() throws Exception {
    away = true;
    RecordedParking parking = new RecordedParking();
    CompletableFuture<Boolean> answer = new CompletableFuture<>();
    Thread thread = asker(1, parking, answer);
    thread.start();
    await().until(parking::isParked);

    thread.interrupt();

    assertThatThrownBy(answer::get)
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(InterruptedException.class);
    assertThat(parking.isParked()).isFalse();
  }
}

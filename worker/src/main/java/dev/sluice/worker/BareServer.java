package dev.sluice.worker;

import static java.util.Objects.requireNonNull;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Lets somebody else say when {@link BareLoop} works, so that it and a worker can take turns of few
 * seconds without starting anew: a POST runs the loop for the milliseconds that are its body, and
 * is answered with the report. On the loopback address, one turn at a time; what is not a number of
 * milliseconds is answered with 400, a turn that fails with 500 and what it failed with.
 */
final class BareServer implements AutoCloseable {
  private static final int LONGEST_BODY = 20;

  private final Loop loop;
  private final HttpServer server;
  private final ExecutorService thread = Executors.newSingleThreadExecutor();

  /** Works for so long and says what was done, as JSON. */
  @FunctionalInterface
  interface Loop {
    String run(Duration duration) throws IOException, InterruptedException, ExecutionException;
  }

  private record Answer(int status, String body) {}

  /**
   * Listens from now on.
   *
   * @param port 0: any free one
   */
  BareServer(int port, Loop loop) throws IOException {
    this.loop = requireNonNull(loop, "loop is null");
    this.server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1);
    server.setExecutor(thread);
    server.createContext("/", this::handle);
    server.start();
  }

  /** Where it listens. */
  int port() {
    return server.getAddress().getPort();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String text =
          new String(
              exchange.getRequestBody().readNBytes(LONGEST_BODY), StandardCharsets.ISO_8859_1);
      Answer answer =
          exchange.getRequestMethod().equals("POST")
              ? turn(text)
              : new Answer(200, "POST a number of milliseconds");
      byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(answer.status(), body.length);
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(body);
      }
    }
  }

  private Answer turn(String millis) {
    Duration duration;
    try {
      duration = Duration.ofMillis(Long.parseLong(millis.strip()));
    } catch (NumberFormatException e) {
      return new Answer(400, "not a number of milliseconds: " + millis);
    }
    try {
      return new Answer(200, loop.run(duration));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Answer(500, "interrupted");
    } catch (IOException | ExecutionException | RuntimeException e) {
      return new Answer(500, e.toString());
    }
  }

  /** Stops at once. */
  @Override
  public void close() {
    server.stop(0);
    thread.shutdownNow();
  }
}

package dev.sluice.tools.bench;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sluice.devstack.JavaProgram;
import dev.sluice.devstack.Ports;
import dev.sluice.devstack.ServerException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The worker's bare loop in a process of its own. It works when it is told to and rests otherwise,
 * so that it is as warm as the worker with which it takes turns. Used by one thread, which closes
 * it.
 */
final class BareLoopProcess implements AutoCloseable {
  private static final String MAIN = "dev.sluice.worker.BareLoop";
  private static final Duration PROBE = Duration.ofSeconds(2);
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final JsonMapper JSON =
      JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();

  private final JavaProgram program;
  private final URI address;
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(PROBE).build();

  private BareLoopProcess(JavaProgram program, URI address) {
    this.program = program;
    this.address = address;
  }

  /**
   * Starts it and waits until it can be told to work.
   *
   * @param settings the worker's own
   * @param options the loop's, such as {@code --batch=8}
   * @throws ServerException with what it said when it fails
   */
  static BareLoopProcess start(
      List<String> jvmOptions, Map<String, String> settings, List<String> options) {
    int port = Ports.free();
    List<String> arguments = new ArrayList<>();
    settings.forEach((key, value) -> {
      arguments.add("--set");
      arguments.add(key + "=" + value);
    });
    arguments.addAll(options);
    arguments.add("--listen=" + port);
    List<String> all = new ArrayList<>(jvmOptions);
    all.add("--enable-native-access=ALL-UNNAMED");
    BareLoopProcess process =
        new BareLoopProcess(
            JavaProgram.launch("bare-loop", all, MAIN, arguments),
            URI.create("http://127.0.0.1:" + port));
    try {
      process.program.awaitReady(process::isReady);
      return process;
    } catch (RuntimeException e) {
      process.close();
      throw e;
    }
  }

  private boolean isReady() {
    try {
      return send(HttpRequest.newBuilder(address).timeout(PROBE).build()).statusCode() == 200;
    } catch (IOException e) {
      return false; // Not listening yet: that is the answer.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServerException("interrupted while the bare loop was starting", e);
    }
  }

  /**
   * Lets it work for so long.
   *
   * @throws ServerException with what it said when it fails
   */
  BareLoopRun run(Duration duration) throws InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(address)
            .timeout(duration.plus(PATIENCE))
            .POST(BodyPublishers.ofString(String.valueOf(duration.toMillis())))
            .build();
    try {
      HttpResponse<String> answer = send(request);
      if (answer.statusCode() != 200) {
        throw new ServerException(
            "the bare loop failed: %s%n%s".formatted(answer.body(), program.logTail()));
      }
      return JSON.readValue(answer.body(), BareLoopRun.class);
    } catch (IOException e) {
      throw new ServerException("the bare loop did not answer:\n" + program.logTail(), e);
    }
  }

  private HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
    return http.send(request, BodyHandlers.ofString());
  }

  /** Kills it. */
  @Override
  public void close() {
    program.close();
    http.close();
  }
}

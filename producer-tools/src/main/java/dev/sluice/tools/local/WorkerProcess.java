package dev.sluice.tools.local;

import dev.sluice.devstack.JavaProgram;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A worker in a process of its own. Safe for any thread. */
final class WorkerProcess implements AutoCloseable {
  private static final Duration PROBE = Duration.ofSeconds(2);

  private final String name;
  private final int port;
  private final JavaProgram program;

  private WorkerProcess(String name, int port, JavaProgram program) {
    this.name = name;
    this.port = port;
    this.program = program;
  }

  /**
   * Starts a worker and returns before it is ready.
   *
   * @param port where it shows its status, on the loopback address
   * @param settings its configuration, by key; {@code http.*} and {@code worker_id} are added
   */
  static WorkerProcess launch(
      String name, int port, List<String> jvmOptions, Map<String, String> settings) {
    List<String> arguments = new ArrayList<>();
    settings.forEach((key, value) -> set(arguments, key, value));
    set(arguments, "worker_id", name);
    set(arguments, "http.host", "127.0.0.1");
    set(arguments, "http.port", String.valueOf(port));
    List<String> options = new ArrayList<>(jvmOptions);
    options.add("--enable-native-access=ALL-UNNAMED");
    return new WorkerProcess(
        name, port, JavaProgram.launch(name, options, "dev.sluice.worker.Main", arguments));
  }

  private static void set(List<String> arguments, String key, String value) {
    arguments.add("--set");
    arguments.add(key + "=" + value);
  }

  /** Waits until it takes requests; throws with the end of its log if it does not come up. */
  void awaitReady() {
    try (HttpClient client = HttpClient.newBuilder().connectTimeout(PROBE).build()) {
      HttpRequest probe =
          HttpRequest.newBuilder(URI.create(url() + "/health/ready")).timeout(PROBE).build();
      program.awaitReady(() -> answers(client, probe));
    }
  }

  private static boolean answers(HttpClient client, HttpRequest probe) {
    try {
      return client.send(probe, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false; // Not listening yet: that is the answer.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  String name() {
    return name;
  }

  /** Its status page. */
  String url() {
    return "http://127.0.0.1:" + port;
  }

  boolean isRunning() {
    return program.isRunning();
  }

  String logTail() {
    return program.logTail();
  }

  /** Lets it finish what it has begun, and waits for it. */
  void drain() {
    program.stop();
  }

  @Override
  public void close() {
    program.close();
  }
}

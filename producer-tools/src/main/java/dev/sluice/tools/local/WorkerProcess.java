package dev.sluice.tools.local;

import dev.sluice.devstack.JavaProgram;
import dev.sluice.devstack.Ports;
import dev.sluice.devstack.ServerException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A worker as it runs in production, in a process of its own on this JVM's class path, its status
 * page on the loopback address. It ends with this JVM, whatever ends that. Safe for any thread.
 */
public final class WorkerProcess implements AutoCloseable {
  /** For a worker that lives for seconds among others: starts soon, holds little. */
  public static final List<String> SMALL =
      List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

  private static final Duration PROBE = Duration.ofSeconds(2);
  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final String MAIN = "dev.sluice.worker.Main";

  private final String name;
  private final int port;
  private final JavaProgram program;
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(PROBE).build();

  private WorkerProcess(String name, int port, JavaProgram program) {
    this.name = name;
    this.port = port;
    this.program = program;
  }

  /**
   * Starts a worker and returns before it is ready; its log is gone when it is closed.
   *
   * @param name its {@code worker_id}, which its results carry
   * @param jvmOptions heap, collector
   * @param settings its configuration, by key; {@code worker_id}, {@code http.host} and, where it
   *     is not given, {@code http.port} are added
   */
  public static WorkerProcess launch(
      String name, List<String> jvmOptions, Map<String, String> settings) {
    int port = port(settings);
    return new WorkerProcess(
        name,
        port,
        JavaProgram.launch(name, nativeAccess(jvmOptions), MAIN, arguments(name, port, settings)));
  }

  /**
   * As {@link #launch(String, List, Map)}, in a folder that the caller keeps: the log is {@code
   * NAME.log} there, and a second worker of that name adds to it.
   */
  public static WorkerProcess launch(
      String name, Path folder, List<String> jvmOptions, Map<String, String> settings) {
    int port = port(settings);
    return new WorkerProcess(
        name,
        port,
        JavaProgram.launch(
            name, folder, nativeAccess(jvmOptions), MAIN, arguments(name, port, settings)));
  }

  /** As {@link #launch(String, Path, List, Map)}, with {@link #SMALL}. */
  public static WorkerProcess launch(String name, Path folder, Map<String, String> settings) {
    return launch(name, folder, SMALL, settings);
  }

  /** Starts a {@link #SMALL} worker and waits until it takes requests. */
  public static WorkerProcess start(String name, Path folder, Map<String, String> settings) {
    WorkerProcess worker = launch(name, folder, settings);
    try {
      return worker.awaitReady();
    } catch (RuntimeException e) {
      worker.close();
      throw e;
    }
  }

  private static int port(Map<String, String> settings) {
    return Integer.parseInt(settings.getOrDefault("http.port", String.valueOf(Ports.free())));
  }

  private static List<String> nativeAccess(List<String> jvmOptions) {
    List<String> options = new ArrayList<>(jvmOptions);
    options.add("--enable-native-access=ALL-UNNAMED");
    return options;
  }

  private static List<String> arguments(String name, int port, Map<String, String> settings) {
    List<String> arguments = new ArrayList<>();
    settings.forEach((key, value) -> set(arguments, key, value));
    set(arguments, "worker_id", name);
    set(arguments, "http.host", "127.0.0.1");
    set(arguments, "http.port", String.valueOf(port));
    return arguments;
  }

  private static void set(List<String> arguments, String key, String value) {
    arguments.add("--set");
    arguments.add(key + "=" + value);
  }

  /**
   * Waits until it takes requests.
   *
   * @throws ServerException with the end of its log, when it ends before that or takes too long
   */
  public WorkerProcess awaitReady() {
    program.awaitReady(this::isReady);
    return this;
  }

  /** Whether it says that it takes requests. */
  public boolean isReady() {
    try {
      return get("/health/ready", PROBE).statusCode() == 200;
    } catch (UncheckedIOException e) {
      return false; // Not listening yet: that is the answer.
    }
  }

  /**
   * What it answers to a GET of {@code path}.
   *
   * @throws UncheckedIOException when it does not answer
   */
  public HttpResponse<String> get(String path) {
    return get(path, ANSWER);
  }

  private HttpResponse<String> get(String path, Duration limit) {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url() + path)).timeout(limit).build();
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException("no answer from " + request.uri(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServerException("interrupted while asking " + name, e);
    }
  }

  /** Its {@code worker_id}. */
  public String name() {
    return name;
  }

  /** Its status page. */
  public String url() {
    return "http://127.0.0.1:" + port;
  }

  /** Its process id. */
  public long pid() {
    return program.pid();
  }

  /** Whether its process is there. */
  public boolean isRunning() {
    return program.isRunning();
  }

  /** Memory that the process holds now (VmRSS of Linux), in bytes. */
  public long residentBytes() {
    Path status = Path.of("/proc", String.valueOf(pid()), "status");
    try {
      return Files.readAllLines(status).stream()
              .filter(line -> line.startsWith("VmRSS:"))
              .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
              .findFirst()
              .orElseThrow(() -> new ServerException("no VmRSS in " + status))
          * 1024;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + status, e);
    }
  }

  /** All that it has written to stdout and stderr. */
  public String log() {
    return program.log();
  }

  /** The last lines of {@link #log}. */
  public String logTail() {
    return program.logTail();
  }

  /** Lets it finish what it has begun, and waits for it; after half a minute it is killed. */
  public void drain() {
    program.stop();
  }

  /** Sends SIGTERM, which asks it to drain, and does not wait. */
  public void terminate() {
    program.terminate();
  }

  /**
   * Sends SIGTERM, which asks it to drain, and waits.
   *
   * @return the exit code
   * @throws ServerException with the end of its log, when it takes longer than {@code limit}
   */
  public int terminate(Duration limit) {
    program.terminate();
    return awaitExit(limit);
  }

  /**
   * Waits until it has ended and returns the exit code.
   *
   * @throws ServerException with the end of its log, when it takes longer than {@code limit}
   */
  public int awaitExit(Duration limit) {
    return program
        .awaitExit(limit)
        .orElseThrow(() ->
            new ServerException(
                "%s has not ended within %d s; its log ends with:%n%s"
                    .formatted(name, limit.toSeconds(), logTail())));
  }

  /** Sends SIGKILL, and waits until the process is gone. */
  public void kill() {
    program.kill();
  }

  /** Kills it if it still runs. */
  @Override
  public void close() {
    program.close();
    http.close();
  }
}

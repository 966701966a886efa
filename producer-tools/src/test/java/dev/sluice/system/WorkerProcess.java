package dev.sluice.system;

import static java.util.Objects.requireNonNull;

import dev.sluice.devstack.Ports;
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
import java.util.concurrent.TimeUnit;

/**
 * A worker as it runs in production: {@code java dev.sluice.worker.Main --set ...} on this JVM's
 * class path, its status page on the loopback address, its log in a file. It ends with this JVM,
 * whatever ends that.
 *
 * <p>Used by one thread.
 */
final class WorkerProcess implements AutoCloseable {
  /** Generous: a machine with two cores may start three workers beside the servers. */
  private static final Duration START_LIMIT = Duration.ofSeconds(90);

  private static final Duration PROBE = Duration.ofSeconds(2);
  private static final int TAIL_LINES = 60;
  private static final Duration KILL_LIMIT = Duration.ofSeconds(10);

  private final String name;
  private final int httpPort;
  private final Path log;
  private final Process process;
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(PROBE).build();

  private WorkerProcess(String name, int httpPort, Path log, Process process) {
    this.name = name;
    this.httpPort = httpPort;
    this.log = log;
    this.process = process;
  }

  /**
   * Starts a worker and returns before it is ready.
   *
   * @param name its {@code worker_id}, which its results carry
   * @param folder where its log goes, as {@code name.log}; a second one of that name adds to it
   * @param settings its configuration by key; {@code worker_id}, {@code http.host} and, where it is
   *     not given, {@code http.port} are added
   */
  static WorkerProcess launch(String name, Path folder, Map<String, String> settings) {
    return launch(name, folder, List.of("-Xmx512m"), settings);
  }

  /** As {@link #launch(String, Path, Map)}, with options for the JVM: heap, collector. */
  static WorkerProcess launch(
      String name, Path folder, List<String> jvmOptions, Map<String, String> settings) {
    int port = Integer.parseInt(settings.getOrDefault("http.port", String.valueOf(Ports.free())));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-XX:+UseSerialGC");
    command.add("-XX:TieredStopAtLevel=1");
    command.addAll(jvmOptions);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    // Watches standard input, so that no worker outlives a test run that was killed.
    command.add("dev.sluice.devstack.Guarded");
    command.add("dev.sluice.worker.Main");
    settings.forEach((key, value) -> set(command, key, value));
    set(command, "worker_id", name);
    set(command, "http.host", "127.0.0.1");
    set(command, "http.port", String.valueOf(port));
    Path log = folder.resolve(name + ".log");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    Map<String, String> environment = builder.environment();
    environment.remove("JAVA_TOOL_OPTIONS");
    environment.remove("JDK_JAVA_OPTIONS");
    environment.keySet().removeIf(variable -> variable.startsWith("SLUICE_"));
    try {
      return new WorkerProcess(name, port, log, builder.start());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot launch " + command, e);
    }
  }

  private static void set(List<String> command, String key, String value) {
    command.add("--set");
    command.add(key + "=" + value);
  }

  /** Starts a worker and waits until it takes requests. */
  static WorkerProcess start(String name, Path folder, Map<String, String> settings) {
    WorkerProcess worker = launch(name, folder, settings);
    try {
      return worker.awaitReady();
    } catch (RuntimeException | Error e) {
      worker.close();
      throw e;
    }
  }

  /** Waits until it takes requests; an error with the end of its log when it does not. */
  WorkerProcess awaitReady() {
    long deadline = System.nanoTime() + START_LIMIT.toNanos();
    while (!answersReady()) {
      if (!process.isAlive()) {
        throw new AssertionError(
            "%s ended while starting, exit code %d; its log ends with:%n%s"
                .formatted(name, process.exitValue(), logTail()));
      }
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError(
            "%s is not ready after %d s; its log ends with:%n%s"
                .formatted(name, START_LIMIT.toSeconds(), logTail()));
      }
      pause();
    }
    return this;
  }

  private boolean answersReady() {
    try {
      return get("/health/ready").statusCode() == 200;
    } catch (UncheckedIOException e) {
      return false; // Not listening yet: that is the answer.
    }
  }

  /** What the worker answers to a GET of {@code path}. */
  HttpResponse<String> get(String path) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url() + path)).timeout(Duration.ofSeconds(10)).build();
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException("no answer from " + request.uri(), e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /**
   * Sends SIGTERM, which asks the worker to drain, and waits.
   *
   * @return the exit code
   */
  int terminate(Duration limit) {
    process.toHandle().destroy();
    return awaitExit(limit);
  }

  /** Sends SIGINT, as Ctrl-C does, and waits for the exit code. */
  int interrupt(Duration limit) {
    try {
      Process kill =
          new ProcessBuilder("kill", "-INT", String.valueOf(process.pid())).inheritIO().start();
      if (kill.waitFor() != 0) {
        throw new AssertionError("kill -INT %d failed".formatted(process.pid()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot run kill", e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
    return awaitExit(limit);
  }

  /** Waits until it has ended by itself and returns the exit code. */
  int awaitExit(Duration limit) {
    try {
      if (process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        return process.exitValue();
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
    throw new AssertionError(
        "%s has not ended within %d s; its log ends with:%n%s"
            .formatted(name, limit.toSeconds(), logTail()));
  }

  /** Sends SIGKILL, and waits until the process is gone. */
  void kill() {
    process.toHandle().destroyForcibly();
    try {
      if (!process.waitFor(KILL_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError("process %d survives SIGKILL".formatted(process.pid()));
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  boolean isRunning() {
    return process.isAlive();
  }

  String name() {
    return name;
  }

  long pid() {
    return process.pid();
  }

  int httpPort() {
    return httpPort;
  }

  String url() {
    return "http://127.0.0.1:" + httpPort;
  }

  /** Memory that the process holds now (VmRSS of Linux), in bytes. */
  long residentBytes() {
    try {
      String line =
          Files.readAllLines(Path.of("/proc", String.valueOf(process.pid()), "status")).stream()
              .filter(candidate -> candidate.startsWith("VmRSS:"))
              .findFirst()
              .orElseThrow(() -> new AssertionError("no VmRSS of process " + process.pid()));
      return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the status of process " + process.pid(), e);
    }
  }

  /** All that it has written to stdout and stderr. */
  String log() {
    try {
      return requireNonNull(Files.readString(log), "no log");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + log, e);
    }
  }

  /** The last lines of {@link #log}. */
  String logTail() {
    List<String> lines = log().lines().toList();
    return String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
  }

  /** Kills it if it still runs. */
  @Override
  public void close() {
    kill();
    http.close();
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(50);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static AssertionError interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new AssertionError("interrupted", e);
  }
}

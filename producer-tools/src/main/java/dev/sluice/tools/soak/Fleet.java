package dev.sluice.tools.soak;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.sluice.devstack.ServerException;
import dev.sluice.tools.local.WorkerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The workers, and the supervisor that starts one again which ends on its own. Safe for any thread;
 * no two threads do something to the same worker at the same time.
 */
final class Fleet implements AutoCloseable {
  /** Above the default of drain_budget, below which a worker ends when it is told to. */
  private static final Duration DRAIN_LIMIT = Duration.ofSeconds(40);

  private static final List<String> JVM_OPTIONS =
      List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

  private final Path logs;
  private final Map<String, String> settings;
  private final Consumer<String> events;

  /** The workers that should be running. */
  @GuardedBy("this")
  private final SortedMap<Integer, WorkerProcess> running = new TreeMap<>();

  /** How often a worker ended although nobody had told it to. */
  @GuardedBy("this")
  private int unplannedEnds;

  /** How often a worker did not end in order when it was told to. */
  @GuardedBy("this")
  private int failedDrains;

  /**
   * @param logs the folder of their logs
   * @param settings their configuration, by key
   * @param events told in a line each what happens
   */
  Fleet(Path logs, Map<String, String> settings, Consumer<String> events) {
    this.logs = logs;
    this.settings = Map.copyOf(settings);
    this.events = events;
  }

  /** Starts a worker and returns before it is ready. */
  synchronized void start(int worker) {
    running.put(
        worker, WorkerProcess.launch(Fault.workerName(worker), logs, JVM_OPTIONS, settings));
  }

  /** Waits until all workers take requests. */
  void awaitReady() {
    List<WorkerProcess> all;
    synchronized (this) {
      all = List.copyOf(running.values());
    }
    all.forEach(WorkerProcess::awaitReady);
  }

  /** SIGKILL. */
  void kill(int worker) {
    Optional<WorkerProcess> process = take(worker);
    process.ifPresent(WorkerProcess::close);
  }

  /** SIGTERM; returns when it has ended. One that does not is killed, and noted. */
  void terminate(int worker) {
    take(worker).ifPresent(this::drain);
  }

  private void drain(WorkerProcess process) {
    try (process) {
      int exitCode = process.terminate(DRAIN_LIMIT);
      if (exitCode != 0) {
        noteFailedDrain(process.name() + " ended with exit code " + exitCode + " after SIGTERM");
      }
    } catch (ServerException e) {
      noteFailedDrain(
          "%s does not end within %d s of SIGTERM and is killed"
              .formatted(process.name(), DRAIN_LIMIT.toSeconds()));
    }
  }

  private synchronized void noteFailedDrain(String what) {
    failedDrains++;
    events.accept(what);
  }

  private synchronized Optional<WorkerProcess> take(int worker) {
    return Optional.ofNullable(running.remove(worker));
  }

  /**
   * SIGSTOP, and SIGCONT after a while. A process of its own sends both: should this JVM be killed
   * meanwhile, the worker goes on and notices, where a stopped one would stay for ever.
   */
  void stopFor(int worker, Duration duration) throws InterruptedException {
    Optional<WorkerProcess> process;
    synchronized (this) {
      process = Optional.ofNullable(running.get(worker));
    }
    if (process.isEmpty() || !process.get().isRunning()) {
      return;
    }
    String seconds = String.valueOf(duration.toMillis() / 1000.0);
    try {
      Process helper =
          new ProcessBuilder(
                  "/bin/sh",
                  "-c",
                  "trap '' INT HUP; kill -STOP \"$1\"; sleep \"$2\"; kill -CONT \"$1\"",
                  "sh",
                  String.valueOf(process.get().pid()),
                  seconds)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      helper.waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot run a shell", e);
    }
  }

  /** Starts again what has ended on its own, as a supervisor does. */
  synchronized void supervise() {
    for (Map.Entry<Integer, WorkerProcess> entry : List.copyOf(running.entrySet())) {
      WorkerProcess process = entry.getValue();
      if (!process.isRunning()) {
        unplannedEnds++;
        events.accept(
            "%s has ended on its own with exit code %d; its log ends with:"
                .formatted(process.name(), process.awaitExit(Duration.ofSeconds(1))));
        process.logTail().lines().skip(25).forEach(events);
        process.close();
        start(entry.getKey());
      }
    }
  }

  synchronized int unplannedEnds() {
    return unplannedEnds;
  }

  synchronized int failedDrains() {
    return failedDrains;
  }

  /** How many workers should be running. */
  synchronized int size() {
    return running.size();
  }

  /** Resident memory by worker, in bytes, of those that run. */
  synchronized SortedMap<Integer, Long> residentBytes() {
    SortedMap<Integer, Long> bytes = new TreeMap<>();
    running.forEach((worker, process) -> {
      try {
        bytes.put(worker, process.residentBytes());
      } catch (UncheckedIOException | ServerException e) {
        // It has ended meanwhile, which supervise() sees.
      }
    });
    return bytes;
  }

  /** Tells all workers to end, all at once, and waits for them. */
  void terminateAll() throws InterruptedException {
    List<Integer> workers;
    synchronized (this) {
      workers = List.copyOf(running.keySet());
    }
    List<Thread> ending = new ArrayList<>();
    for (int worker : workers) {
      ending.add(Thread.ofVirtual().start(() -> terminate(worker)));
    }
    for (Thread thread : ending) {
      thread.join(TimeUnit.SECONDS.toMillis(DRAIN_LIMIT.toSeconds() + 30));
    }
  }

  /** Kills all. */
  @Override
  public synchronized void close() {
    running.values().forEach(WorkerProcess::close);
    running.clear();
  }
}

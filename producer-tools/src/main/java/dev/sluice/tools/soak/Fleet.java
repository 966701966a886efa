package dev.sluice.tools.soak;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.sluice.devstack.ServerException;
import dev.sluice.tools.local.WorkerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/**
 * The workers, and the supervisor that starts one again which ends on its own. Safe for any thread;
 * no two threads do something to the same worker at the same time.
 */
final class Fleet implements AutoCloseable {
  /** Above the default of drain_budget, below which a worker ends when it is told to. */
  private static final Duration DRAIN_LIMIT = Duration.ofSeconds(40);

  /**
   * What a JVM says that got SIGTERM before the worker in it had begun: nothing was to be drained.
   */
  private static final int TERMINATED_UNBORN = 128 + 15;

  /** What a worker ends with whose device is gone. */
  private static final int DEVICE_FAILED = 3;

  /**
   * A small heap that is touched as a whole at the start: what a worker has resident grows only if
   * something grows that is not the heap.
   */
  static final List<String> SMALL =
      List.of(
          "-Xms256m",
          "-Xmx256m",
          "-XX:+AlwaysPreTouch",
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1");

  private final Path logs;
  private final WorkerLogs said;
  private final List<String> jvmOptions;
  private final IntFunction<Map<String, String>> settings;
  private final Consumer<String> events;

  /** The workers that should be running. */
  @GuardedBy("this")
  private final SortedMap<Integer, WorkerProcess> running = new TreeMap<>();

  /** Workers whose device is gone, which is why they may end. */
  @GuardedBy("this")
  private final Set<Integer> withoutDevice = new HashSet<>();

  /**
   * Those of them whose process has met that: it may take longer to drain than its device is gone.
   */
  @GuardedBy("this")
  private final Set<Integer> hadNoDevice = new HashSet<>();

  /** How often a worker ended because its device was gone. */
  @GuardedBy("this")
  private int deviceEnds;

  /** How often a worker ended although nothing had told it to. */
  @GuardedBy("this")
  private int unplannedEnds;

  /** How often a worker did not end in order when it was told to. */
  @GuardedBy("this")
  private int failedDrains;

  /**
   * @param logs the folder of their logs
   * @param jvmOptions of each
   * @param settings the configuration of a worker, by key
   * @param events told in a line each what happens
   */
  Fleet(
      Path logs,
      List<String> jvmOptions,
      IntFunction<Map<String, String>> settings,
      Consumer<String> events)
      throws IOException {
    this.logs = logs;
    this.jvmOptions = List.copyOf(jvmOptions);
    this.said = WorkerLogs.from(logs);
    this.settings = settings;
    this.events = events;
  }

  /** Starts a worker and returns before it is ready. */
  synchronized void start(int worker) {
    String name = Fault.workerName(worker);
    if (!withoutDevice.contains(worker)) {
      hadNoDevice.remove(worker);
    }
    running.put(worker, WorkerProcess.launch(name, logs, jvmOptions(name), settings.apply(worker)));
  }

  /** With a log of its collections, whose full ones say how much of the heap is really held. */
  private List<String> jvmOptions(String worker) {
    List<String> options = new ArrayList<>(jvmOptions);
    options.add("-Xlog:gc:file=" + worker + ".gc.log");
    return options;
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
    take(worker).ifPresent(process -> drain(worker, process));
  }

  private void drain(int worker, WorkerProcess process) {
    try (process) {
      int exitCode = process.terminate(DRAIN_LIMIT);
      boolean withItsDevice = exitCode == DEVICE_FAILED && hasMetNoDevice(worker);
      if (exitCode != 0 && exitCode != TERMINATED_UNBORN && !withItsDevice) {
        noteFailedDrain(process.name() + " ended with exit code " + exitCode + " after SIGTERM");
      }
    } catch (ServerException e) {
      noteFailedDrain(
          "%s does not end within %d s of SIGTERM and is killed"
              .formatted(process.name(), DRAIN_LIMIT.toSeconds()));
    }
  }

  private synchronized boolean hasMetNoDevice(int worker) {
    return hadNoDevice.contains(worker);
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
        int exitCode = process.awaitExit(Duration.ofSeconds(1));
        String told =
            "%s has ended on its own with exit code %d".formatted(process.name(), exitCode);
        if (withoutDevice.contains(entry.getKey())
            || (exitCode == DEVICE_FAILED && hadNoDevice.contains(entry.getKey()))) {
          deviceEnds++;
          events.accept(told + ", since its device is gone");
        } else {
          unplannedEnds++;
          events.accept(told + "; its log ends with:");
          process.logTail().lines().skip(25).forEach(events);
        }
        process.close();
        start(entry.getKey());
      }
    }
  }

  /** Says whether a worker has reason to end on its own. */
  synchronized void deviceIsGone(int worker, boolean gone) {
    if (gone) {
      withoutDevice.add(worker);
      hadNoDevice.add(worker);
    } else {
      withoutDevice.remove(worker);
    }
  }

  synchronized int deviceEnds() {
    return deviceEnds;
  }

  synchronized int unplannedEnds() {
    return unplannedEnds;
  }

  synchronized int failedDrains() {
    return failedDrains;
  }

  /** How often a worker failed with a request for a reason of its own; once all have ended. */
  int unexpectedFailures() throws IOException {
    return said.unexpectedFailures();
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

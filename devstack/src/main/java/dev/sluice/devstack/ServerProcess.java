package dev.sluice.devstack;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A server in a JVM process of its own, on this JVM's JDK, guarded by {@link Guarded}. */
final class ServerProcess implements Server {
  /**
   * Ctrl-C and a closing terminal reach every process in the foreground, but who ends first is for
   * the parent to say: a worker drains while the broker is there still. A JVM leaves signals alone
   * that were ignored before it.
   */
  private static final List<String> IGNORING_THE_TERMINAL =
      List.of("/bin/sh", "-c", "trap '' INT HUP; exec \"$@\"", "sh");

  private static final int STOP_SECONDS = 30;
  private static final int KILL_SECONDS = 10;
  private static final int TAIL_LINES = 40;

  private final String name;
  private final Path folder;
  private final Path log;

  /** What it leaves there when it is killed goes with its folder. */
  private final Path temporary;

  private final List<String> command;
  private final Runnable atExit = this::kill;

  @GuardedBy("this")
  private @Nullable Process process;

  /**
   * Describes the process; nothing runs yet.
   *
   * @param folder where it runs and logs
   * @param jvmOptions heap, collector, system properties
   * @param classPath the server's own; what guards it is added
   * @param main the server's main class, then its arguments
   */
  ServerProcess(
      String name, Path folder, List<String> jvmOptions, List<Path> classPath, List<String> main) {
    this.name = name;
    this.folder = folder;
    this.log = folder.resolve(name + ".log");
    this.temporary = folder.resolve("." + name + ".tmp");
    List<Path> guarded = new ArrayList<>(classPath);
    if (!guarded.contains(Assets.ownClasses())) {
      guarded.add(Assets.ownClasses());
    }
    command = new ArrayList<>(IGNORING_THE_TERMINAL);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Djava.io.tmpdir=" + temporary);
    command.addAll(jvmOptions);
    command.addAll(ClassArchive.options(main.getFirst(), jvmOptions, guarded));
    command.add("-cp");
    command.add(
        guarded.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator)));
    command.add(Guarded.class.getName());
    command.addAll(main);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public synchronized void start() {
    if (isAlive()) {
      return;
    }
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    // Options meant for this JVM (a debugger, a coverage agent) are not the server's.
    Map<String, String> environment = builder.environment();
    environment.remove("JAVA_TOOL_OPTIONS");
    environment.remove("JDK_JAVA_OPTIONS");
    // Nor are Sluice's own: whoever starts a worker here says what it is to do.
    environment.keySet().removeIf(name -> name.startsWith("SLUICE_"));
    try {
      Files.createDirectories(temporary);
      process = builder.start();
    } catch (IOException e) {
      throw new ServerException("cannot launch " + name + ": " + command, e);
    }
    AtExit.register(atExit);
  }

  @Override
  public synchronized void stop() {
    if (process == null) {
      return;
    }
    // Not Process.destroy(): it closes the server's standard input first, and Guarded would halt
    // it.
    process.toHandle().destroy();
    if (!endsWithin(process, STOP_SECONDS)) {
      kill();
    }
  }

  @Override
  public synchronized void kill() {
    if (process == null) {
      return;
    }
    process.destroyForcibly();
    if (!endsWithin(process, KILL_SECONDS)) {
      throw new ServerException(
          "%s (process %d) is still there %d s after it was killed"
              .formatted(name, process.pid(), KILL_SECONDS));
    }
  }

  @Override
  public synchronized boolean isAlive() {
    return process != null && process.isAlive();
  }

  /** Asks it to end (SIGTERM) and does not wait. */
  void terminate() {
    // Not Process.destroy(), as in stop().
    launched().toHandle().destroy();
  }

  /** Waits until it has ended and returns its exit code; empty when that takes too long. */
  OptionalInt awaitExit(Duration limit) {
    Process launched = launched();
    try {
      return launched.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)
          ? OptionalInt.of(launched.exitValue())
          : OptionalInt.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServerException("interrupted while waiting for the end of " + name, e);
    }
  }

  long pid() {
    return launched().pid();
  }

  private synchronized Process launched() {
    if (process == null) {
      throw new IllegalStateException(name + " has not been started");
    }
    return process;
  }

  /** All that it has logged. */
  String log() {
    try {
      return Files.readString(log, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + log, e);
    }
  }

  @Override
  public String logTail() {
    List<String> lines = log().lines().toList();
    return String.join(
        System.lineSeparator(),
        lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
  }

  @Override
  public void close() {
    kill();
    AtExit.remove(atExit);
  }

  private static boolean endsWithin(Process process, int seconds) {
    try {
      return process.waitFor(seconds, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
      throw new ServerException("interrupted while a server was ending", e);
    }
  }
}

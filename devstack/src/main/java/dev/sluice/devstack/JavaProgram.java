package dev.sluice.devstack;

import java.io.File;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * A program from this JVM's own class path (from the jars on it, when it is in one), in a process
 * of its own: a worker beside the servers of {@code sluice up} and {@code sluice demo}. It ends
 * with this JVM, whatever ends that, and does not hear Ctrl-C: whoever started it decides in what
 * order things end.
 *
 * <p>Safe for any thread. Methods block until what they name has happened.
 */
public final class JavaProgram implements AutoCloseable {
  private final ServerProcess process;
  private final Runnable cleanUp;

  private JavaProgram(ServerProcess process, Runnable cleanUp) {
    this.process = process;
    this.cleanUp = cleanUp;
  }

  /**
   * Starts it in a folder of its own, which is deleted with it, and returns before it is ready.
   *
   * @param name how messages name it
   * @param jvmOptions heap, collector, system properties
   * @param mainClass its entry point
   * @param arguments what it is given; other users of this machine can see them
   */
  public static JavaProgram launch(
      String name, List<String> jvmOptions, String mainClass, List<String> arguments) {
    Scratch scratch = Scratch.create(name);
    ServerProcess process = describe(name, scratch.folder(), jvmOptions, mainClass, arguments);
    return start(process, scratch::close);
  }

  /**
   * As {@link #launch(String, List, String, List)}, in a folder that the caller keeps: its log is
   * {@code NAME.log} there, added to what a former program of that name has logged.
   */
  public static JavaProgram launch(
      String name, Path folder, List<String> jvmOptions, String mainClass, List<String> arguments) {
    ServerProcess process = describe(name, folder, jvmOptions, mainClass, arguments);
    return start(process, () -> {});
  }

  private static ServerProcess describe(
      String name, Path folder, List<String> jvmOptions, String mainClass, List<String> arguments) {
    boolean packaged = isInJar(mainClass);
    List<Path> classPath =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
            .filter(entry -> !entry.isEmpty())
            .map(entry -> Path.of(entry).toAbsolutePath())
            // A folder beside jars is that of the tests that this JVM runs: not the program's.
            .filter(entry -> !packaged || Files.isRegularFile(entry))
            .toList();
    List<String> main = Stream.concat(Stream.of(mainClass), arguments.stream()).toList();
    return new ServerProcess(name, folder, jvmOptions, classPath, main);
  }

  private static boolean isInJar(String mainClass) {
    URL file = ClassLoader.getSystemResource(mainClass.replace('.', '/') + ".class");
    return file != null && file.getProtocol().equals("jar");
  }

  private static JavaProgram start(ServerProcess process, Runnable cleanUp) {
    try {
      process.start();
      return new JavaProgram(process, cleanUp);
    } catch (RuntimeException e) {
      cleanUp.run();
      throw e;
    }
  }

  /**
   * Waits until {@code ready} holds.
   *
   * @throws ServerException with the end of its log, when it ends before that or takes too long
   */
  public void awaitReady(BooleanSupplier ready) {
    Readiness.await(process, ready);
  }

  /** Whether its process is there. */
  public boolean isRunning() {
    return process.isAlive();
  }

  /** Its process id. */
  public long pid() {
    return process.pid();
  }

  /** All that it has logged. */
  public String log() {
    return process.log();
  }

  /** The last lines that it logged. */
  public String logTail() {
    return process.logTail();
  }

  /** Asks it to end (SIGTERM) and does not wait. */
  public void terminate() {
    process.terminate();
  }

  /** Waits until it has ended and returns its exit code; empty when that takes too long. */
  public OptionalInt awaitExit(Duration limit) {
    return process.awaitExit(limit);
  }

  /** Ends it at once (SIGKILL) and waits until it is gone; its log stays. */
  public void kill() {
    process.kill();
  }

  /** Asks it to end (SIGTERM) and waits; after half a minute it is killed. */
  public void stop() {
    process.stop();
  }

  /** Kills it if it still runs, and deletes its log unless that is in a folder of the caller's. */
  @Override
  public void close() {
    process.close();
    cleanUp.run();
  }
}

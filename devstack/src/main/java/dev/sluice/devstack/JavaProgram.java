package dev.sluice.devstack;

import java.io.File;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * A program from this JVM's own class path, in a process of its own: a worker beside the servers of
 * {@code sluice up} and {@code sluice demo}. It ends with this JVM, whatever ends that, and does
 * not hear Ctrl-C: whoever started it decides in what order things end.
 *
 * <p>Safe for any thread. Methods block until what they name has happened.
 */
public final class JavaProgram implements AutoCloseable {
  private final Scratch scratch;
  private final Server process;

  private JavaProgram(Scratch scratch, Server process) {
    this.scratch = scratch;
    this.process = process;
  }

  /**
   * Starts it and returns before it is ready.
   *
   * @param name how messages name it
   * @param jvmOptions heap, collector, system properties
   * @param mainClass its entry point
   * @param arguments what it is given; other users of this machine can see them
   */
  public static JavaProgram launch(
      String name, List<String> jvmOptions, String mainClass, List<String> arguments) {
    Scratch scratch = Scratch.create(name);
    List<Path> classPath =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
            .filter(entry -> !entry.isEmpty())
            .map(entry -> Path.of(entry).toAbsolutePath())
            .toList();
    List<String> main = Stream.concat(Stream.of(mainClass), arguments.stream()).toList();
    ServerProcess process = new ServerProcess(name, scratch.folder(), jvmOptions, classPath, main);
    try {
      process.start();
      return new JavaProgram(scratch, process);
    } catch (RuntimeException e) {
      scratch.close();
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

  /** The last lines that it logged. */
  public String logTail() {
    return process.logTail();
  }

  /** Asks it to end (SIGTERM) and waits; after half a minute it is killed. */
  public void stop() {
    process.stop();
  }

  /** Kills it if it still runs, and deletes its log. */
  @Override
  public void close() {
    process.close();
    scratch.close();
  }
}

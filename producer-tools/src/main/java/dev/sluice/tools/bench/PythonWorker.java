package dev.sluice.tools.bench;

import dev.sluice.devstack.ServerException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A process of what a person would write in Python, see python_worker.py. It ends with this JVM,
 * since its standard input does. Used by one thread, which closes it.
 */
final class PythonWorker implements AutoCloseable {
  /** What a person is told who has not got it. */
  static final String NEEDS =
      "python3 with confluent-kafka, Pillow and NumPy (Debian: apt-get install"
          + " python3-confluent-kafka python3-pil python3-numpy); onnxruntime is optional";

  private static final String SCRIPT = "python_worker.py";
  private static final String LIBRARY = "libonnxruntime.so";
  private static final List<String> INTERPRETERS = List.of("python3", "/usr/bin/python3");
  private static final int END_SECONDS = 10;

  private final Process process;
  private final String runtime;

  /** A Python that has what the script needs, and the script. */
  record Installation(String interpreter, Path script, Path library) {}

  private PythonWorker(Process process, String runtime) {
    this.process = process;
    this.runtime = runtime;
  }

  /** Looks for an interpreter, and puts the script into a folder; empty when there is none. */
  static Optional<Installation> find(Path folder) throws IOException, InterruptedException {
    for (String interpreter : INTERPRETERS) {
      if (runs(interpreter, "-c", "import confluent_kafka, PIL, numpy")) {
        Path script = copy(PythonWorker.class.getResourceAsStream(SCRIPT), folder.resolve(SCRIPT));
        String architecture = System.getProperty("os.arch").equals("amd64") ? "x64" : "aarch64";
        String library = "/ai/onnxruntime/native/linux-%s/%s".formatted(architecture, LIBRARY);
        return Optional.of(
            new Installation(
                interpreter,
                script,
                copy(PythonWorker.class.getResourceAsStream(library), folder.resolve(LIBRARY))));
      }
    }
    return Optional.empty();
  }

  /**
   * Starts a process and waits until it consumes.
   *
   * @param options of the script, by name
   * @throws ServerException when it ends instead
   */
  static PythonWorker start(Installation python, Map<String, String> options, Path log)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                python.interpreter(), python.script().toString(), "--library=" + python.library()));
    options.forEach((name, value) -> command.add("--" + name + "=" + value));
    Process process =
        new ProcessBuilder(command)
            .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
    String ready = output.readLine();
    if (ready == null) {
      throw new ServerException(
          "%s ended while starting:%n%s".formatted(SCRIPT, Files.readString(log)));
    }
    return new PythonWorker(process, ready);
  }

  /** What it said of itself: how it calls ONNX Runtime. */
  String runtime() {
    return runtime;
  }

  /** Lets it finish its batch and leave its group. */
  @Override
  public void close() {
    try {
      process.getOutputStream().close();
      if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private static boolean runs(String... command) throws InterruptedException {
    try {
      return new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false; // There is no such program: that is the answer.
    }
  }

  private static Path copy(@Nullable InputStream from, Path to) throws IOException {
    if (from == null) {
      throw new IOException("the class path has no " + to.getFileName());
    }
    try (InputStream bytes = from) {
      Files.copy(bytes, to);
    }
    return to;
  }
}

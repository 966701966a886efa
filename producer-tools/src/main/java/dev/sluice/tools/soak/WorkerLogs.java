package dev.sluice.tools.soak;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What the workers' logs say that the account of requests does not: a request that failed for a
 * reason of the worker's own is tried again, and may well succeed. For one thread.
 */
final class WorkerLogs {
  /** What a worker logs of such a request, with the stack trace; as an error, on a line. */
  private static final String UNEXPECTED = "failed unexpectedly";

  private final Path folder;

  /** An earlier soak may have kept its logs there, to which workers of the same name add. */
  private final int before;

  private WorkerLogs(Path folder, int before) {
    this.folder = folder;
    this.before = before;
  }

  /** Of the workers that log in {@code folder} from now on. */
  static WorkerLogs from(Path folder) throws IOException {
    return new WorkerLogs(folder, count(folder));
  }

  /** How often a request failed unexpectedly. */
  int unexpectedFailures() throws IOException {
    return count(folder) - before;
  }

  private static int count(Path folder) throws IOException {
    int count = 0;
    try (DirectoryStream<Path> logs = Files.newDirectoryStream(folder, "worker-*.log")) {
      for (Path log : logs) {
        // A worker that is killed may leave half a character.
        try (Stream<String> lines = Files.lines(log, StandardCharsets.ISO_8859_1)) {
          count +=
              (int)
                  lines
                      .filter(line -> line.contains(" ERROR ") && line.endsWith(UNEXPECTED))
                      .count();
        }
      }
    }
    return count;
  }
}

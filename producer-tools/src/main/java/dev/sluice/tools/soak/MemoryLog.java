package dev.sluice.tools.soak;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;

/** Writes the workers' resident memory over time as CSV: seconds, worker, bytes. */
final class MemoryLog implements AutoCloseable {
  private final BufferedWriter out;

  MemoryLog(Path file) throws IOException {
    out = Files.newBufferedWriter(file);
    out.write("seconds,worker,resident_bytes\n");
  }

  /** Adds what is resident now, by worker. */
  void add(Duration elapsed, Map<Integer, Long> residentBytes) throws IOException {
    for (Map.Entry<Integer, Long> worker : residentBytes.entrySet()) {
      out.write(
          String.format(
              Locale.ROOT,
              "%.1f,%d,%d%n",
              elapsed.toMillis() / 1000.0,
              worker.getKey(),
              worker.getValue()));
    }
    out.flush();
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}

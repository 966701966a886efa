package dev.sluice.tools.soak;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Keeps the workers' resident memory over time, and writes it as CSV: seconds, worker, bytes. For
 * one thread.
 */
final class MemoryLog implements AutoCloseable {
  private final BufferedWriter out;
  private final List<ResidentMemory.Sample> samples = new ArrayList<>();

  MemoryLog(Path file) throws IOException {
    out = Files.newBufferedWriter(file);
    out.write("seconds,worker,resident_bytes\n");
  }

  /** Adds what is resident now, by worker. */
  void add(Duration elapsed, Map<Integer, Long> residentBytes) throws IOException {
    for (Map.Entry<Integer, Long> worker : residentBytes.entrySet()) {
      samples.add(new ResidentMemory.Sample(elapsed, worker.getKey(), worker.getValue()));
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

  /** All that was added, in that order. */
  List<ResidentMemory.Sample> samples() {
    return List.copyOf(samples);
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}

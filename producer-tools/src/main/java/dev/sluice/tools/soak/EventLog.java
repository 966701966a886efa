package dev.sluice.tools.soak;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.function.Consumer;

/**
 * Tells lines to a listener and keeps them in a file, with the time of day. Safe for any thread.
 */
final class EventLog implements AutoCloseable {
  private final Consumer<String> listener;

  @GuardedBy("this")
  private final Writer file;

  EventLog(Path file, Consumer<String> listener) throws IOException {
    this.file = Files.newBufferedWriter(file);
    this.listener = listener;
  }

  synchronized void tell(String line) {
    listener.accept(line);
    try {
      file.write(Instant.now() + " " + line + System.lineSeparator());
      file.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot keep what happens", e);
    }
  }

  @Override
  public synchronized void close() throws IOException {
    file.close();
  }
}

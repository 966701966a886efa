package dev.sluice.tools.local;

import java.time.Duration;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Tells lines with the seconds since it was made. Thread-safe if its listener is. */
public final class Stopwatch {
  private final LongSupplier nanoTime;
  private final Consumer<String> lines;
  private final long start;

  public Stopwatch(LongSupplier nanoTime, Consumer<String> lines) {
    this.nanoTime = nanoTime;
    this.lines = lines;
    this.start = nanoTime.getAsLong();
  }

  public void tell(String line) {
    lines.accept(String.format(Locale.ROOT, "[%5.1f s] %s", elapsed().toMillis() / 1000.0, line));
  }

  public Duration elapsed() {
    return Duration.ofNanos(nanoTime.getAsLong() - start);
  }
}

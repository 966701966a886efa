package dev.sluice.tools;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Shows how far a long action is: a bar drawn over and over on a terminal; elsewhere a line after
 * two seconds and then every five, so that a short action says nothing. Thread-safe, so that
 * remarks from other threads do not land in the middle of the bar.
 */
public final class Progress {
  private static final int BAR_WIDTH = 30;
  private static final Duration ON_TERMINAL = Duration.ofMillis(100);
  private static final Duration ELSEWHERE = Duration.ofSeconds(5);
  private static final Duration FIRST_ELSEWHERE = Duration.ofSeconds(2);

  /** Back to the line's beginning and erase it (ECMA-48 EL). */
  private static final String ERASE_LINE = "\r\u001b[K";

  private final PrintWriter err;
  private final boolean terminal;
  private final LongSupplier nanoTime;

  @GuardedBy("this")
  private String what = "";

  @GuardedBy("this")
  private long total;

  @GuardedBy("this")
  private long start;

  @GuardedBy("this")
  private long lastShown;

  @GuardedBy("this")
  private boolean lineOpen;

  /** Shows nothing before the first {@link #begin}. */
  public Progress(PrintWriter err, boolean terminal, LongSupplier nanoTime) {
    this.err = err;
    this.terminal = terminal;
    this.nanoTime = nanoTime;
  }

  /** Begins an action of {@code total} steps, named in the past tense ("sent"). */
  public synchronized void begin(String action, long steps) {
    end();
    what = action;
    total = steps;
    start = nanoTime.getAsLong();
    lastShown = terminal ? start : start - ELSEWHERE.minus(FIRST_ELSEWHERE).toNanos();
  }

  /** Tells the state; shows it if enough time has passed. */
  public synchronized void update(long done, long failed) {
    long now = nanoTime.getAsLong();
    if (now - lastShown >= (terminal ? ON_TERMINAL : ELSEWHERE).toNanos()) {
      lastShown = now;
      show(done, failed, now);
    }
  }

  /** Prints a line of its own. */
  public synchronized void remark(String line) {
    end();
    err.println(Text.oneLine(line));
    err.flush();
  }

  /** Removes the bar, if there is one, so that other lines can be printed. */
  public synchronized void end() {
    if (lineOpen) {
      err.print(ERASE_LINE);
      err.flush();
      lineOpen = false;
    }
  }

  @GuardedBy("this")
  private void show(long done, long failed, long now) {
    double seconds = Math.max(1e-9, (now - start) / 1e9);
    String line =
        String.format(Locale.ROOT, "%d of %d %s, %.1f/s", done, total, what, done / seconds)
            + (failed > 0 ? ", " + failed + " failed" : "");
    if (terminal) {
      int filled = total == 0 ? BAR_WIDTH : (int) (BAR_WIDTH * Math.min(done, total) / total);
      err.print(
          ERASE_LINE + "[" + "#".repeat(filled) + ".".repeat(BAR_WIDTH - filled) + "] " + line);
      lineOpen = true;
    } else {
      err.println(line);
    }
    err.flush();
  }
}

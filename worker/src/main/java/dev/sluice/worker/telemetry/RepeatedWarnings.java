package dev.sluice.worker.telemetry;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;

/**
 * Logback's turbo filter that lets a warning of Kafka's clients through once a minute: while
 * brokers are away each client says so once or more a second. The first is never held back, nor is
 * one that says something else. What was held back is counted in a line before the next that is let
 * through. Numbers (of correlation, of nodes, of ports) do not tell two warnings apart.
 *
 * <p>Safe for any thread.
 */
public final class RepeatedWarnings extends TurboFilter {
  static final Duration INTERVAL = Duration.ofMinutes(1);

  private static final String CLIENTS = "org.apache.kafka.clients.";
  private static final Pattern NUMBER = Pattern.compile("[0-9]+");

  /** Far more than the clients have different warnings; the one unused longest is forgotten. */
  private static final int REMEMBERED = 200;

  private final LongSupplier nanos;

  @GuardedBy("itself")
  private final Map<String, Repeats> known = new LinkedHashMap<>(16, 0.75f, true);

  /** Made by Logback. */
  public RepeatedWarnings() {
    this(System::nanoTime);
  }

  /**
   * For tests.
   *
   * @param nanos measures intervals, in nanoseconds of any origin
   */
  RepeatedWarnings(LongSupplier nanos) {
    this.nanos = nanos;
  }

  @Override
  public FilterReply decide(
      @Nullable Marker marker,
      Logger logger,
      Level level,
      @Nullable String format,
      Object @Nullable [] arguments,
      @Nullable Throwable thrown) {
    // Without a format somebody only asks whether the level is on.
    if (format == null || level != Level.WARN || !logger.getName().startsWith(CLIENTS)) {
      return FilterReply.NEUTRAL;
    }
    long heldBack = heldBack(logger.getName() + NUMBER.matcher(format).replaceAll("#"));
    if (heldBack < 0) {
      return FilterReply.DENY;
    }
    if (heldBack > 0) {
      logger
          .getLoggerContext()
          .getLogger(RepeatedWarnings.class)
          .warn("{} warnings like the next one were left out since the last", heldBack);
    }
    return FilterReply.NEUTRAL;
  }

  /** How many were held back since one was let through; -1 when this one is to be held back. */
  private long heldBack(String kind) {
    long now = nanos.getAsLong();
    synchronized (known) {
      Repeats repeats = known.get(kind);
      if (repeats != null && now - repeats.since() < INTERVAL.toNanos()) {
        known.put(kind, new Repeats(repeats.since(), repeats.heldBack() + 1));
        return -1;
      }
      known.put(kind, new Repeats(now, 0));
      if (known.size() > REMEMBERED) {
        known.remove(known.keySet().iterator().next());
      }
      return repeats == null ? 0 : repeats.heldBack();
    }
  }

  /**
   * What became of one kind of warning.
   *
   * @param since when one was let through last
   * @param heldBack how many came since
   */
  private record Repeats(long since, long heldBack) {}
}

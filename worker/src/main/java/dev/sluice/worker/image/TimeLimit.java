package dev.sluice.worker.image;

import dev.sluice.worker.model.Deadline;
import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.TaskException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * How long one fetch may take: the configured timeout, and the request's deadline, whichever ends
 * first. The timeout runs on the monotonic clock, as sockets do, and is extended by what the fetch
 * waited for the worker itself; the deadline runs on the wall clock and is not. Owned by the thread
 * that fetches.
 */
final class TimeLimit {
  private static final Duration NO_DEADLINE = Duration.ofDays(36_500);

  private final Duration timeout;
  private final Deadline deadline;
  private final InstantSource clock;
  private long startNanos;
  private long waitedNanos;

  private TimeLimit(Duration timeout, Deadline deadline, InstantSource clock) {
    this.timeout = timeout;
    this.deadline = deadline;
    this.clock = clock;
    this.startNanos = System.nanoTime();
  }

  static TimeLimit start(Duration timeout, Deadline deadline, InstantSource clock) {
    return new TimeLimit(timeout, deadline, clock);
  }

  /** The time by which the deadline is judged. */
  Instant now() {
    return clock.instant();
  }

  /** Gives the fetch its whole timeout again: what it did before came to nothing in an outage. */
  void restart() {
    startNanos = System.nanoTime();
    waitedNanos = 0;
  }

  /** How long the fetch has been at it, what it waited for the worker left out. */
  Duration elapsed() {
    return Duration.ofNanos(System.nanoTime() - startNanos - waitedNanos);
  }

  /** What is left of both limits; zero or negative when one is over. */
  Duration remaining() {
    Duration ofTimeout = timeout.minus(elapsed());
    Duration ofDeadline = untilDeadline();
    return ofTimeout.compareTo(ofDeadline) < 0 ? ofTimeout : ofDeadline;
  }

  /** What is left until the deadline; a hundred years when there is none. */
  Duration untilDeadline() {
    return switch (deadline) {
      case Deadline.None() -> NO_DEADLINE;
      case Deadline.At(Instant instant) -> {
        Instant now = clock.instant();
        Duration left = Duration.between(now, instant);
        yield deadline.isPast(now) ? left : left.plusMillis(1);
      }
    };
  }

  /** Leaves this out of the timeout: time that the fetch waited for the worker, not the source. */
  void waited(long nanos) {
    waitedNanos += nanos;
  }

  /** Whether the request may expire at all. */
  boolean hasDeadline() {
    return deadline instanceof Deadline.At;
  }

  /** Refuses to go on when the time is over. */
  void requireTime(String what) {
    if (!remaining().isPositive()) {
      throw expired(what);
    }
  }

  /** The failure for a limit that is over. */
  TaskException expired(String what) {
    if (!untilDeadline().isPositive()) {
      return new TaskException(ErrorCode.DEADLINE_EXCEEDED, "the deadline passed while " + what);
    }
    return new TaskException(
        ErrorCode.IMAGE_UNAVAILABLE,
        "no complete answer within " + timeout.toMillis() + " ms while " + what);
  }
}

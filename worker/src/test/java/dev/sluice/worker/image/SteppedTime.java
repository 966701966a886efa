package dev.sluice.worker.image;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** Time that passes when a test says so. Safe for any thread. */
final class SteppedTime implements InstantSource, Alarms {
  @GuardedBy("this")
  private final List<Alarm> alarms = new ArrayList<>();

  @GuardedBy("this")
  private Instant now = Instant.parse("2026-11-20T00:00:00Z");

  private record Alarm(Instant due, Runnable callback) {}

  @Override
  public synchronized Instant instant() {
    return now;
  }

  @Override
  public synchronized void after(Duration delay, Runnable callback) {
    alarms.add(new Alarm(now.plus(delay), callback));
  }

  /** Lets time pass, and calls back whoever wanted to be called by then. */
  void advance(Duration step) {
    List<Alarm> due;
    synchronized (this) {
      Instant then = now.plus(step);
      now = then;
      due = alarms.stream().filter(alarm -> !alarm.due().isAfter(then)).toList();
      alarms.removeAll(due);
    }
    due.forEach(alarm -> alarm.callback().run());
  }

  @Override
  public synchronized void close() {
    alarms.clear();
  }
}

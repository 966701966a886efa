package dev.sluice.worker.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What other threads tell the poll thread. Any thread puts in, the poll thread takes out. Bounded
 * by the records in flight, each of which says a few things in its life.
 */
public final class Mailbox {
  private final BlockingQueue<RecordEvent> events = new LinkedBlockingQueue<>();

  void put(RecordEvent event) {
    events.add(event);
  }

  /**
   * Everything since the last call.
   *
   * @param wait how long to wait for one if there is none
   */
  List<RecordEvent> take(Duration wait) {
    RecordEvent first = poll(wait);
    if (first == null) {
      return List.of();
    }
    List<RecordEvent> taken = new ArrayList<>();
    taken.add(first);
    events.drainTo(taken);
    return taken;
  }

  private @Nullable RecordEvent poll(Duration wait) {
    try {
      return wait.isPositive() ? events.poll(wait.toNanos(), TimeUnit.NANOSECONDS) : events.poll();
    } catch (InterruptedException e) {
      // Nobody interrupts the poll thread to stop it; Kafka's next call meets the flag and ends it.
      Thread.currentThread().interrupt();
      return null;
    }
  }
}

package dev.sluice.worker.kafka;

import static java.util.Objects.requireNonNull;

import dev.sluice.worker.ledger.Epochs;
import dev.sluice.worker.ledger.PartitionId;
import dev.sluice.worker.model.Position;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * One virtual thread for each record in flight. Owned by the poll thread; records' threads only put
 * into {@link #ended}.
 */
final class RecordThreads {
  private static final Logger LOG = LoggerFactory.getLogger(RecordThreads.class);
  private static final Duration AFTER_ERROR = Duration.ofSeconds(1);

  private final RecordHandler handler;
  private final Epochs epochs;
  private final IntakeObserver observer;

  /** Poll thread only. A record that was given up stays until its thread has ended. */
  private final Map<Position, Thread> running = new HashMap<>();

  /** Filled by records' threads, emptied by the poll thread; never more than are running. */
  private final BlockingQueue<Ended> ended = new LinkedBlockingQueue<>();

  RecordThreads(RecordHandler handler, Epochs epochs, IntakeObserver observer) {
    this.handler = requireNonNull(handler, "handler is null");
    this.epochs = requireNonNull(epochs, "epochs is null");
    this.observer = requireNonNull(observer, "observer is null");
  }

  void start(ConsumerRecord<byte[], byte[]> record, Position position) {
    Thread thread =
        Thread.ofVirtual().name(position.toString()).unstarted(() -> run(record, position));
    running.put(position, thread);
    observer.started(position);
    thread.start();
  }

  /**
   * The records that were handled to their end since the last call.
   *
   * @param wait how long to wait for one if there is none
   */
  List<Position> takeHandled(Duration wait) {
    List<Ended> taken = new ArrayList<>();
    Ended first = poll(wait);
    if (first == null) {
      return List.of();
    }
    taken.add(first);
    ended.drainTo(taken);
    taken.forEach(each -> running.remove(each.position()));
    return taken.stream().filter(Ended::handled).map(Ended::position).toList();
  }

  /** Makes the threads of these partitions' records give up; they end in their own time. */
  void interrupt(Collection<PartitionId> partitions) {
    running.forEach((position, thread) -> {
      if (partitions.contains(PartitionId.of(position))) {
        thread.interrupt();
      }
    });
  }

  /** How many threads have not ended, those that were told to give up among them. */
  int running() {
    return running.size();
  }

  private @Nullable Ended poll(Duration wait) {
    try {
      return wait.isPositive() ? ended.poll(wait.toNanos(), TimeUnit.NANOSECONDS) : ended.poll();
    } catch (InterruptedException e) {
      // Nobody interrupts the poll thread to stop it; Kafka's next call meets the flag and ends it.
      Thread.currentThread().interrupt();
      return null;
    }
  }

  private void run(ConsumerRecord<byte[], byte[]> record, Position position) {
    boolean handled = false;
    // For every line that is logged on this thread; it is gone with the thread.
    MDC.put("topic", position.topic());
    MDC.put("partition", Integer.toString(position.partition()));
    MDC.put("offset", Long.toString(position.offset()));
    try {
      handled = handleAtLast(record, position);
    } finally {
      ended.add(new Ended(position, handled));
    }
  }

  /**
   * An error here (memory that ran out, say) is not the record's: it is done again, not skipped.
   */
  private boolean handleAtLast(ConsumerRecord<byte[], byte[]> record, Position position) {
    try {
      while (epochs.isCurrent(position)) {
        try {
          handler.handle(record, position);
          return true;
        } catch (RuntimeException | Error e) {
          LOG.error("{} could not be handled; it is done again", position, e);
        }
        Thread.sleep(AFTER_ERROR);
      }
    } catch (InterruptedException | PartitionLostException e) {
      LOG.debug("{} is given up", position, e);
    }
    observer.abandoned(position);
    return false;
  }

  private record Ended(Position position, boolean handled) {}
}

package dev.sluice.worker.kafka;

import static java.util.Objects.requireNonNull;

import dev.sluice.worker.ledger.Epochs;
import dev.sluice.worker.ledger.PartitionId;
import dev.sluice.worker.model.Position;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** One virtual thread for each record in flight. Owned by the poll thread. */
final class RecordThreads {
  private static final Logger LOG = LoggerFactory.getLogger(RecordThreads.class);
  private static final Duration AFTER_ERROR = Duration.ofSeconds(1);

  private final RecordHandler handler;
  private final Epochs epochs;
  private final Mailbox mailbox;
  private final IntakeObserver observer;

  /** A record that was given up stays until its thread has ended. */
  private final Map<Position, Flight> running = new HashMap<>();

  RecordThreads(RecordHandler handler, Epochs epochs, Mailbox mailbox, IntakeObserver observer) {
    this.handler = requireNonNull(handler, "handler is null");
    this.epochs = requireNonNull(epochs, "epochs is null");
    this.mailbox = requireNonNull(mailbox, "mailbox is null");
    this.observer = requireNonNull(observer, "observer is null");
  }

  void start(Received received, Turn turn) {
    Position position = received.position();
    Flight flight =
        new Flight(
            position,
            turn,
            mailbox,
            Thread.ofVirtual().name(position.toString()).factory(),
            own -> run(received, own));
    running.put(position, flight);
    observer.started(position);
    flight.start();
  }

  /** A record's thread has ended. */
  void ended(Position position) {
    running.remove(position);
  }

  /** Makes the threads of these partitions' records give up; they end in their own time. */
  void abandon(Collection<PartitionId> partitions) {
    running.forEach((position, flight) -> {
      if (partitions.contains(PartitionId.of(position))) {
        flight.abandon();
      }
    });
  }

  /** Makes a record that holds its partition back go to a retry topic. */
  void holdUp(Position position) {
    Flight flight = running.get(position);
    if (flight != null) {
      flight.holdUp();
    }
  }

  /** How many threads have not ended, those that were told to give up among them. */
  int running() {
    return running.size();
  }

  private void run(Received received, Flight flight) {
    Position position = flight.position();
    boolean handled = false;
    // For every line that is logged on this thread; it is gone with the thread.
    MDC.put("topic", position.topic());
    MDC.put("partition", Integer.toString(position.partition()));
    MDC.put("offset", Long.toString(position.offset()));
    try {
      handled = handleAtLast(received, flight);
    } finally {
      mailbox.put(new RecordEvent.Ended(position, handled));
    }
  }

  /**
   * An error here (memory that ran out, say) is not the record's: it is done again, not skipped.
   * Nor is one that was not judged, since what would have judged it closed or failed. Whether an
   * interruption means to give up, the tenure says: as long as it lasts the record has to end.
   */
  private boolean handleAtLast(Received received, Flight flight) {
    Position position = flight.position();
    while (epochs.isCurrent(position)) {
      try {
        if (isHandled(received, flight)) {
          return true;
        }
        Thread.sleep(AFTER_ERROR);
      } catch (InterruptedException | PartitionLostException e) {
        LOG.debug("{} was interrupted", position, e);
      }
    }
    observer.abandoned(position);
    return false;
  }

  private boolean isHandled(Received received, Flight flight)
      throws InterruptedException, PartitionLostException {
    try {
      handler.handle(received, flight);
      flight.turn().over();
      return true;
    } catch (RejectedExecutionException e) {
      LOG.debug("{} was not judged; it is done again", flight.position(), e);
    } catch (RuntimeException | Error e) {
      LOG.error("{} could not be handled; it is done again", flight.position(), e);
    }
    return false;
  }
}

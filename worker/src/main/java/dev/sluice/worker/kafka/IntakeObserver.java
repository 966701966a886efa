package dev.sluice.worker.kafka;

import dev.sluice.worker.ledger.Committable;
import dev.sluice.worker.ledger.PartitionId;
import dev.sluice.worker.model.Outcome;
import dev.sluice.worker.model.Position;
import dev.sluice.worker.model.TaskException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;

/**
 * Hears what happens to records and partitions, for metrics and logs. Called from the poll thread,
 * from records' virtual threads and from the producer's; implementations are safe for all of them,
 * return at once and throw nothing.
 */
public interface IntakeObserver {
  /** A record was taken on. */
  void started(Position position);

  /**
   * A request was answered and all that it led to is stored.
   *
   * @param outcome what its result says, which differs from what the processor said when the result
   *     was too large
   * @param elapsed since it was taken on
   */
  void finished(Position position, Outcome outcome, Duration elapsed);

  /** A request failed for a while, and its record now waits on a retry topic. */
  void postponed(Position position, TaskException reason, Instant due);

  /** A request failed for a while, and waits where it is. */
  void waitsInPlace(Position position, TaskException reason, Duration delay);

  /** A record that nobody can be answered for was stored as a dead letter. */
  void undecodable(Position position, TaskException reason);

  /** A record was given up because its partition is gone or the worker stops; it will be redone. */
  void abandoned(Position position);

  /** A send failed and will be tried again; its record's offset does not move meanwhile. */
  void sendFailed(String topic, Exception reason);

  /** The registry could not be asked; records with a new schema wait. */
  void registryUnreachable(Exception reason);

  /** The brokers stored these offsets. */
  void committed(Collection<Committable> commits);

  /** A commit failed; the offsets go with a later one, or their records are redone. */
  void commitFailed(Exception reason);

  /** Polling failed and will be tried again. */
  void pollFailed(Exception reason);

  /** Partitions were given to this worker. */
  void assigned(Collection<PartitionId> partitions);

  /** Partitions were handed back, drained as far as the budget allowed, and committed. */
  void revoked(Collection<PartitionId> partitions);

  /** Partitions were taken without asking: their work is dropped. */
  void lost(Collection<PartitionId> partitions);
}

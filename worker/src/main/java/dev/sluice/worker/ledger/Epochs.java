package dev.sluice.worker.ledger;

import dev.sluice.worker.model.Position;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which tenure of each partition is the present one. Whoever publishes for a record asks {@link
 * #isCurrent} right before it sends, so that nothing is published for a partition that was lost.
 *
 * <p>Safe for any thread, and never waits: one thread begins and ends tenures, all others ask.
 * Between a yes and the send there is a moment in which the partition may be lost; a duplicate may
 * come of it, never a loss. Only a Kafka transaction closes that gap.
 */
public final class Epochs {
  /** How often each partition was given to this worker; grows with the partitions it has seen. */
  private final Map<PartitionId, Integer> begun = new ConcurrentHashMap<>();

  private final Map<PartitionId, Integer> current = new ConcurrentHashMap<>();

  /** Begins a tenure, ending the one before it if there is one, and returns its epoch, from 1. */
  public int begin(PartitionId partition) {
    int epoch = begun.merge(partition, 1, Integer::sum);
    current.put(partition, epoch);
    return epoch;
  }

  /** Ends the partition's tenure: nothing more is published for it. */
  public void end(PartitionId partition) {
    current.remove(partition);
  }

  /** Whether the record's tenure is still the present one. */
  public boolean isCurrent(Position position) {
    Integer epoch = current.get(PartitionId.of(position));
    return epoch != null && epoch == position.epoch();
  }
}

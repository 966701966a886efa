package dev.sluice.worker.ledger;

import static java.util.Objects.requireNonNull;

import dev.sluice.worker.model.Position;

/**
 * A partition of a topic.
 *
 * @param topic the topic's name
 * @param partition its number, from 0
 */
public record PartitionId(String topic, int partition) {
  public PartitionId {
    requireNonNull(topic, "topic is null");
    if (partition < 0) {
      throw new IllegalArgumentException("partitions start at 0: " + partition);
    }
  }

  /** The partition in which a record stands. */
  public static PartitionId of(Position position) {
    return new PartitionId(position.topic(), position.partition());
  }

  @Override
  public String toString() {
    return topic + "-" + partition;
  }
}

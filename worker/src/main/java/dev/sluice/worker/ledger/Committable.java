package dev.sluice.worker.ledger;

import static java.util.Objects.requireNonNull;

/**
 * What may be committed for one partition: one value, so that an offset never travels with the
 * wrong partition or tenure.
 *
 * @param partition the partition
 * @param epoch the tenure in which this was worked out
 * @param offset the first offset that a next owner has to read; everything before it is finished
 */
public record Committable(PartitionId partition, int epoch, long offset) {
  public Committable {
    requireNonNull(partition, "partition is null");
  }
}

package dev.sluice.worker.ledger;

import static java.util.Objects.requireNonNull;

import java.util.OptionalLong;

/**
 * One partition's figures at one moment, for people and metrics.
 *
 * @param partition the partition
 * @param epoch its present tenure
 * @param unfinished records taken on and not finished
 * @param parked of these, records that wait for what is down for everybody
 * @param heldBack records finished that cannot be committed yet, because an older one is not
 * @param committable the first offset that is not finished; empty before the first record
 * @param committed the offset last committed in this tenure, or where the tenure began; empty
 *     before the first record
 * @param oldestAdmittedAt when the oldest unfinished record was taken on, in the nanoseconds that
 *     {@link Ledger#admit} was given; empty when none is unfinished
 */
public record PartitionState(
    PartitionId partition,
    int epoch,
    int unfinished,
    int parked,
    int heldBack,
    OptionalLong committable,
    OptionalLong committed,
    OptionalLong oldestAdmittedAt) {
  public PartitionState {
    requireNonNull(partition, "partition is null");
    requireNonNull(committable, "committable is null");
    requireNonNull(committed, "committed is null");
    requireNonNull(oldestAdmittedAt, "oldestAdmittedAt is null");
  }
}

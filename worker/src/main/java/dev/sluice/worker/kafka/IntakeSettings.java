package dev.sluice.worker.kafka;

import static java.util.Objects.requireNonNull;

import dev.sluice.worker.ledger.Bounds;
import java.time.Duration;

/**
 * How an {@link Intake} behaves.
 *
 * @param bounds how much may be in flight. Its bytes count what records hold in memory, see {@link
 *     RecordSize}; they are a budget of their own and not shared with one that anybody waits on
 * @param commitInterval how often finished work is committed; what a crash makes the group repeat
 *     at the least
 * @param drainBudget how long a rebalance may wait for work in flight on partitions that leave;
 *     well below {@code max.poll.interval.ms}, since the group waits for this member meanwhile
 * @param maxHold how long a record may hold back the commits of its partition before it goes to a
 *     retry topic; a very long time where there is none
 * @param ordering the order that results keep. Transactions keep that of each partition anyway
 */
public record IntakeSettings(
    Bounds bounds,
    Duration commitInterval,
    Duration drainBudget,
    Duration maxHold,
    Ordering ordering) {
  public IntakeSettings {
    requireNonNull(bounds, "bounds is null");
    requireNonNull(commitInterval, "commitInterval is null");
    requireNonNull(drainBudget, "drainBudget is null");
    requireNonNull(maxHold, "maxHold is null");
    requireNonNull(ordering, "ordering is null");
    if (!maxHold.isPositive()) {
      throw new IllegalArgumentException("maxHold is not positive: " + maxHold);
    }
    if (commitInterval.isNegative() || drainBudget.isNegative()) {
      throw new IllegalArgumentException(
          "durations are not negative: " + commitInterval + ", " + drainBudget);
    }
  }
}

package dev.sluice.worker.batch;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * Settings of one {@link Batcher}.
 *
 * @param name names the lanes' threads and appears in messages: the model's name, say
 * @param policy when a lane takes a batch, and how large
 * @param sizing how large batches may be for now, within the policy
 * @param queueCapacity how many items wait for a lane at most; who submits more waits for room
 * @param maxCallDuration a device call that takes longer is taken for wedged, see {@link
 *     Batcher#watch}
 */
public record BatchSettings(
    String name,
    BatchPolicy policy,
    BatchSizing sizing,
    int queueCapacity,
    Duration maxCallDuration) {
  /** How many times longer than maxCallDuration a wedged call is given to come back after all. */
  private static final int PATIENCE = 5;

  public BatchSettings {
    requireNonNull(name, "name is null");
    requireNonNull(policy, "policy is null");
    requireNonNull(sizing, "sizing is null");
    if (queueCapacity < 1) {
      throw new IllegalArgumentException("queueCapacity is at least 1: " + queueCapacity);
    }
    if (!maxCallDuration.isPositive()) {
      throw new IllegalArgumentException("maxCallDuration is not positive: " + maxCallDuration);
    }
  }

  /** Names the lane, its thread and its metrics, of this place in the list of devices. */
  public String laneName(int place) {
    return name + "-lane-" + place;
  }

  /** A device call that takes longer than this does not come back: only a restart helps. */
  public Duration hopelessAfter() {
    return maxCallDuration.multipliedBy(PATIENCE);
  }
}

package dev.sluice.worker.batch;

import java.time.Duration;

/** What decides how large batches may be, up to the policy's maximum. */
public sealed interface BatchSizing {
  /** Nothing but the maximum. */
  record Fixed() implements BatchSizing {}

  /**
   * The device's own pace: the size at which it does most while an image that has just missed a
   * batch takes no longer than this, its wait included.
   *
   * @param latencyObjective positive
   */
  record Adaptive(Duration latencyObjective) implements BatchSizing {
    public Adaptive {
      if (!latencyObjective.isPositive()) {
        throw new IllegalArgumentException("latencyObjective is not positive: " + latencyObjective);
      }
    }
  }
}

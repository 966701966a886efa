package dev.sluice.worker.inference;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.List;

/**
 * What holds for every model whose model.yaml does not say otherwise.
 *
 * @param device where models run: see {@link Device#parse}
 * @param instances how many lanes a model has
 * @param maxBatchSize the most images in one batch, for a model that takes any number
 * @param preferredBatchSizes sizes at which models run best; those above a model's largest batch
 *     are left out for it
 * @param maxQueueDelay how long an image may wait for others to fill a batch
 * @param maxCallDuration how long one call of a device may take, positive
 */
public record RepositorySettings(
    String device,
    Instances instances,
    MaxBatchSize maxBatchSize,
    List<Integer> preferredBatchSizes,
    Duration maxQueueDelay,
    Duration maxCallDuration) {
  public RepositorySettings {
    requireNonNull(device, "device is null");
    preferredBatchSizes = List.copyOf(preferredBatchSizes);
    requireNonNull(maxQueueDelay, "maxQueueDelay is null");
    if (!maxCallDuration.isPositive()) {
      throw new IllegalArgumentException("maxCallDuration is not positive: " + maxCallDuration);
    }
    requireNonNull(instances, "instances is null");
    requireNonNull(maxBatchSize, "maxBatchSize is null");
  }

  /**
   * On the processor, a lane for each of its cores, batches as large as pay, no waiting, a minute a
   * call.
   */
  public static RepositorySettings defaults() {
    return new RepositorySettings(
        "cpu",
        new Instances.Auto(),
        new MaxBatchSize.Auto(),
        List.of(),
        Duration.ZERO,
        Duration.ofMinutes(1));
  }
}

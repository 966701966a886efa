package dev.sluice.worker.inference;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How a model wants its batches.
 *
 * @param maxBatchSize the most images in one batch
 * @param preferredBatchSizes sizes at which it runs best, ascending; empty when it does not matter
 * @param maxQueueDelay how long an image may wait for others to fill a batch
 * @param batching what decides how large batches may be for now
 * @param maxCallDuration how long one call may take before it is taken for wedged
 */
record BatchPolicy(
    int maxBatchSize,
    List<Integer> preferredBatchSizes,
    Duration maxQueueDelay,
    Batching batching,
    Duration maxCallDuration) {
  BatchPolicy {
    preferredBatchSizes = preferredBatchSizes.stream().sorted().distinct().toList();
    requireNonNull(maxQueueDelay, "maxQueueDelay is null");
    requireNonNull(batching, "batching is null");
    requireNonNull(maxCallDuration, "maxCallDuration is null");
  }

  /** On an NVIDIA device most models are fed by then. */
  private static final int ON_NVIDIA = 32;

  private static final int ELSEWHERE = 8;

  /**
   * Reads it off model.yaml and the graph.
   *
   * @param device where the model runs
   * @param repository what holds when neither says
   * @throws IllegalArgumentException when model.yaml contradicts the graph or itself
   */
  static BatchPolicy of(
      ModelSettings settings, LoadedModel main, Device device, RepositorySettings repository) {
    int fixed = main.fixedBatch();
    int max =
        settings.get(
            ModelKey.MAX_BATCH_SIZE, fixed == Resize.DYNAMIC ? unsaid(device, repository) : fixed);
    if (fixed != Resize.DYNAMIC && max > fixed) {
      throw new IllegalArgumentException(
          "max_batch_size is %d, but input %s takes batches of %d: export the model with a dynamic"
                  .formatted(max, main.signature().inputs().getFirst(), fixed)
              + " batch dimension, or leave max_batch_size out");
    }
    return new BatchPolicy(
        max,
        preferred(settings, max, repository),
        settings.get(ModelKey.MAX_QUEUE_DELAY, repository.maxQueueDelay()),
        batching(settings),
        settings.get(ModelKey.MAX_CALL_DURATION, repository.maxCallDuration()));
  }

  private static int unsaid(Device device, RepositorySettings repository) {
    return switch (repository.maxBatchSize()) {
      case MaxBatchSize.Fixed(int size) -> size;
      case MaxBatchSize.Auto() -> device instanceof Device.Nvidia ? ON_NVIDIA : ELSEWHERE;
    };
  }

  /** Whether nobody has said how large a batch may be, nor that this is to be found out later. */
  static boolean isFree(ModelSettings settings, LoadedModel main, RepositorySettings repository) {
    return repository.maxBatchSize() instanceof MaxBatchSize.Auto
        && main.fixedBatch() == Resize.DYNAMIC
        && settings.get(ModelKey.MAX_BATCH_SIZE).isEmpty()
        && settings.get(ModelKey.PREFERRED_BATCH_SIZE).isEmpty()
        && settings.get(ModelKey.BATCHING, Batching.Kind.FIXED) == Batching.Kind.FIXED;
  }

  /** The same with batches of no more than this. */
  BatchPolicy atMost(int size) {
    return new BatchPolicy(
        Math.min(maxBatchSize, size),
        preferredBatchSizes.stream().filter(preferred -> preferred <= size).toList(),
        maxQueueDelay,
        batching,
        maxCallDuration);
  }

  private static Batching batching(ModelSettings settings) {
    Optional<Duration> objective = settings.get(ModelKey.LATENCY_OBJECTIVE);
    return switch (settings.get(ModelKey.BATCHING, Batching.Kind.FIXED)) {
      case FIXED -> {
        if (objective.isPresent()) {
          throw new IllegalArgumentException(
              "latency_objective means nothing without batching: adaptive");
        }
        yield new Batching.Fixed();
      }
      case ADAPTIVE ->
          new Batching.Adaptive(
              objective.orElseThrow(() ->
                  new IllegalArgumentException(
                      "batching: adaptive needs a latency_objective, as in latency_objective:"
                          + " 50ms")));
    };
  }

  private static List<Integer> preferred(
      ModelSettings settings, int max, RepositorySettings repository) {
    Optional<List<Integer>> said = settings.get(ModelKey.PREFERRED_BATCH_SIZE);
    if (said.isEmpty()) {
      return repository.preferredBatchSizes().stream().filter(size -> size <= max).toList();
    }
    for (int size : said.get()) {
      if (size > max) {
        throw new IllegalArgumentException(
            "preferred_batch_size %d is more than max_batch_size, %d".formatted(size, max));
      }
    }
    return said.get();
  }
}

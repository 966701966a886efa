package dev.sluice.worker.inference;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/** What decides how large a model's batches may be, up to {@code max_batch_size}. */
public sealed interface Batching {
  /** Nothing else. */
  record Fixed() implements Batching {}

  /**
   * How long the model's calls take.
   *
   * @param latencyObjective what an image should take at most from being ready for the model to its
   *     output, when it is in the next batch; positive
   */
  record Adaptive(Duration latencyObjective) implements Batching {
    public Adaptive {
      requireNonNull(latencyObjective, "latencyObjective is null");
    }
  }

  /** As in model.yaml. */
  enum Kind {
    FIXED,
    ADAPTIVE
  }
}

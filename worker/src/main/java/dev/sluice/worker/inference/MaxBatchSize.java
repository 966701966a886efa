package dev.sluice.worker.inference;

/** The most images in one batch of a model that takes any number and says nothing itself. */
public sealed interface MaxBatchSize {
  /** What suits the device and, on the processor, the model's own cost. */
  record Auto() implements MaxBatchSize {}

  /** So many, at least one. */
  record Fixed(int size) implements MaxBatchSize {
    public Fixed {
      if (size < 1) {
        throw new IllegalArgumentException("a batch has at least one image: " + size);
      }
    }
  }
}

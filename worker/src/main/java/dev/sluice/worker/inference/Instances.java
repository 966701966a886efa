package dev.sluice.worker.inference;

/** How many lanes a model has that does not say so itself. */
public sealed interface Instances {
  /** One for each processor, or one on a device. */
  record Auto() implements Instances {}

  /** So many, at least one. */
  record Fixed(int count) implements Instances {
    public Fixed {
      if (count < 1) {
        throw new IllegalArgumentException("a model has at least one instance: " + count);
      }
    }
  }
}

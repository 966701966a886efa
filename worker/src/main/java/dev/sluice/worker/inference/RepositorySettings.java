package dev.sluice.worker.inference;

/**
 * What holds for every model whose model.yaml does not say otherwise.
 *
 * @param instances lanes of a model that runs on the processor; one on any other device
 * @param maxBatchSize the most images in one batch, for a model that takes any number
 */
public record RepositorySettings(int instances, int maxBatchSize) {
  /** On a processor larger batches gain nothing; on a device most models are fed by then. */
  private static final int DEFAULT_MAX_BATCH_SIZE = 8;

  public RepositorySettings {
    if (instances < 1 || maxBatchSize < 1) {
      throw new IllegalArgumentException(
          "instances and maxBatchSize are positive: " + instances + ", " + maxBatchSize);
    }
  }

  /** A lane for each processor, and batches of up to 8. */
  public static RepositorySettings defaults() {
    return new RepositorySettings(
        Runtime.getRuntime().availableProcessors(), DEFAULT_MAX_BATCH_SIZE);
  }
}

package dev.sluice.worker.model;

import static java.util.Objects.requireNonNull;

/** How one request ended; every accepted request ends in exactly one. */
public sealed interface Outcome {
  /** Where the time went. */
  Timings timings();

  /**
   * The model answered.
   *
   * @param model name of the model that ran
   * @param modelVersion its version
   * @param output what it said
   * @param image the image as it arrived
   * @param batchSize how many images shared the device call
   */
  record Succeeded(
      String model,
      String modelVersion,
      Output output,
      ImageInfo image,
      int batchSize,
      Timings timings)
      implements Outcome {
    public Succeeded {
      requireNonNull(model, "model is null");
      requireNonNull(modelVersion, "modelVersion is null");
      requireNonNull(output, "output is null");
      requireNonNull(image, "image is null");
      requireNonNull(timings, "timings is null");
    }
  }

  /**
   * It failed for good: answered with a result and kept as a dead letter.
   *
   * @param reason the error and, for the dead letter's headers, the stack trace
   * @param attempts how many times it was tried, from 1
   */
  record Failed(TaskException reason, int attempts, Timings timings) implements Outcome {
    public Failed {
      requireNonNull(reason, "reason is null");
      requireNonNull(timings, "timings is null");
      if (attempts < 1) {
        throw new IllegalArgumentException("attempts count from 1: " + attempts);
      }
    }
  }

  /**
   * Its deadline passed: answered with a result, no dead letter.
   *
   * @param stage what it was waiting for when the deadline passed, for people
   * @param attempts how many times it was tried, from 1
   */
  record Expired(String stage, int attempts, Timings timings) implements Outcome {
    public Expired {
      requireNonNull(stage, "stage is null");
      requireNonNull(timings, "timings is null");
    }
  }
}

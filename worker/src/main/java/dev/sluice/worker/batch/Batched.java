package dev.sluice.worker.batch;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * One item's output and what the device call was like.
 *
 * @param output what the device made of the item
 * @param batchSize how many items shared the call that gave the output
 * @param waited from being submitted until a lane took the item
 * @param ran from then until the output was there; after a failed batch this includes the calls
 *     that found the culprit
 */
public record Batched<O>(O output, int batchSize, Duration waited, Duration ran) {
  public Batched {
    requireNonNull(output, "output is null");
    requireNonNull(waited, "waited is null");
    requireNonNull(ran, "ran is null");
  }
}

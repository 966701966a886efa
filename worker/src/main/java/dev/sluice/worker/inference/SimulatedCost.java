package dev.sluice.worker.inference;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * How long a simulated device takes.
 *
 * @param batch for each call, whatever its size
 * @param item for each image of a call, besides
 */
record SimulatedCost(Duration batch, Duration item) {
  SimulatedCost {
    requireNonNull(batch, "batch is null");
    requireNonNull(item, "item is null");
  }

  /** A call of so many images. */
  Duration of(int images) {
    return batch.plus(item.multipliedBy(images));
  }
}

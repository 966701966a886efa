package dev.sluice.worker.batch;

import dev.sluice.worker.model.DeviceException;
import java.util.List;

/**
 * One device's work on a batch. Called by one thread at a time, always the same: its lane's.
 *
 * @param <I> one item of a batch
 * @param <O> what the device makes of one item
 */
public interface DeviceCall<I, O> {
  /**
   * Runs a batch.
   *
   * @param batch one to {@code max_batch_size} items, unmodifiable
   * @return one output for each item, in the batch's order
   * @throws DeviceException with OUT_OF_MEMORY when the device has no room for a batch of this
   *     size: it is then run again in smaller ones; with GONE when the device is of no more use:
   *     the lane ends
   * @throws RuntimeException when the batch as a whole fails; it is then run again in halves until
   *     the item that makes it fail is alone, and that one once more
   */
  List<O> run(List<I> batch);
}

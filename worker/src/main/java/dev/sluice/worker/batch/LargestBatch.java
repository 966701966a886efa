package dev.sluice.worker.batch;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * How large a batcher's batches may be for now; what its lanes share. Safe for any thread. It is
 * asked at each batch and never waits for who holds the queue.
 */
final class LargestBatch {
  private final LongSupplier nanoClock;
  private final ReentrantLock lock = new ReentrantLock();

  /** Changed under the lock, read without. */
  private volatile BatchLimit memory;

  /**
   * @param most the largest batch that is allowed at all
   */
  LargestBatch(int most, LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
    this.memory = BatchLimit.none(most);
  }

  int now() {
    return memory.at(nanoClock.getAsLong()).now();
  }

  /**
   * A batch of this size did not fit the device's memory.
   *
   * @return the largest batch from now on
   */
  int outOfMemory(int batchSize) {
    lock.lock();
    try {
      long now = nanoClock.getAsLong();
      memory = memory.at(now).outOfMemory(batchSize, now);
      return memory.now();
    } finally {
      lock.unlock();
    }
  }
}

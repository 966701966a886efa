package dev.sluice.worker.batch;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * How large a batcher's batches may be for now; what its lanes share: the smaller of what fits the
 * device's memory and what {@link BatchSizing} finds best. Safe for any thread. It is asked at each
 * batch and never waits for who holds the queue.
 */
final class LargestBatch {
  private final LongSupplier nanoClock;
  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private final AdaptiveBatchSize sizing;

  /** Changed under the lock, read without. */
  private volatile BatchLimit memory;

  /** Changed under the lock, read without. */
  private volatile int best;

  LargestBatch(BatchPolicy policy, BatchSizing sizing, LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
    this.memory = BatchLimit.none(policy.maxBatchSize());
    this.sizing =
        switch (sizing) {
          case BatchSizing.Fixed() -> AdaptiveBatchSize.fixed(policy.maxBatchSize());
          case BatchSizing.Adaptive(Duration latencyObjective) ->
              AdaptiveBatchSize.within(
                  latencyObjective, policy.maxBatchSize(), policy.preferredBatchSizes());
        };
    this.best = this.sizing.size();
  }

  int now() {
    return Math.min(best, memory.at(nanoClock.getAsLong()).now());
  }

  /** A batch of this size ran for so long. */
  void ran(int batchSize, long nanos) {
    lock.lock();
    try {
      sizing.ran(batchSize, nanos);
      best = sizing.size();
    } finally {
      lock.unlock();
    }
  }

  /**
   * A batch of this size did not fit the device's memory.
   *
   * @return the largest batch that fits from now on
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

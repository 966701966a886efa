package dev.sluice.worker.batch;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.List;

/**
 * When an idle lane takes a batch, and how large: a pure function of the queue, the clock and how
 * many lanes are idle. It waits for nothing itself.
 *
 * <p>The rules are those of Triton's dynamic batcher (its documentation, "Dynamic Batcher", and
 * what DynamicBatchScheduler::GetDynamicBatch does for requests of one image), in this order:
 *
 * <ol>
 *   <li>Without a queue delay an idle lane takes at once the largest preferred size that is there,
 *       else all that is there, up to the maximum.
 *   <li>With one, when the oldest item has waited that long: all that is there, up to the maximum,
 *       whatever is preferred.
 *   <li>Else the largest preferred size that is there, at once, even if a larger one is preferred,
 *       too; the maximum counts as preferred when nothing else is.
 *   <li>Else it waits, until the oldest item has waited that long or more have come.
 * </ol>
 *
 * <p>One thing differs, and only without a queue delay: where no preferred size is there, idle
 * lanes share what is there evenly instead of one lane taking all, since with ONNX Runtime on a CPU
 * two lanes with half a batch each finish sooner than one lane with all of it.
 *
 * @param maxBatchSize the largest batch that the model takes, from 1
 * @param preferredBatchSizes sizes at which the model runs best, each from 1 to maxBatchSize,
 *     ascending; empty when all are alike
 * @param maxQueueDelay how long an item may be held back for a fuller batch; zero is
 *     work-conserving: an idle lane never leaves an item waiting
 */
public record BatchPolicy(
    int maxBatchSize, List<Integer> preferredBatchSizes, Duration maxQueueDelay) {
  public BatchPolicy {
    if (maxBatchSize < 1) {
      throw new IllegalArgumentException("max_batch_size is at least 1: " + maxBatchSize);
    }
    preferredBatchSizes = preferredBatchSizes.stream().distinct().sorted().toList();
    for (int size : preferredBatchSizes) {
      if (size < 1 || size > maxBatchSize) {
        throw new IllegalArgumentException(
            "preferred_batch_size is from 1 to max_batch_size " + maxBatchSize + ": " + size);
      }
    }
    requireNonNull(maxQueueDelay, "maxQueueDelay is null");
    if (maxQueueDelay.isNegative()) {
      throw new IllegalArgumentException("max_queue_delay is negative: " + maxQueueDelay);
    }
  }

  /**
   * What waits for a lane. Nanoseconds are {@link System#nanoTime}-like: only differences count.
   */
  public sealed interface Queue {
    /** Nothing waits. */
    record Empty() implements Queue {}

    /**
     * Something waits.
     *
     * @param size how many items, from 1
     * @param oldestSubmittedAt when the first of them was submitted, in nanoseconds
     */
    record Waiting(int size, long oldestSubmittedAt) implements Queue {
      public Waiting {
        if (size < 1) {
          throw new IllegalArgumentException("size is at least 1: " + size);
        }
      }
    }
  }

  /** What an idle lane does now. */
  public sealed interface Decision {
    /** Take the first {@code size} items and run them. */
    record Flush(int size) implements Decision {}

    /** Ask again at this time, in nanoseconds, or when the queue has changed. */
    record WaitUntil(long nanos) implements Decision {}

    /** Ask again when the queue or the lanes have changed. */
    record Wait() implements Decision {}
  }

  /**
   * Decides for one idle lane.
   *
   * @param queue what waits
   * @param now the time in nanoseconds, of the same clock as the queue's
   * @param idleLanes how many lanes are idle, the one that asks included
   */
  public Decision decide(Queue queue, long now, int idleLanes) {
    if (idleLanes < 1) {
      return new Decision.Wait();
    }
    return switch (queue) {
      case Queue.Empty _ -> new Decision.Wait();
      case Queue.Waiting waiting -> decide(waiting, now, idleLanes);
    };
  }

  /** The same policy with no item held back: for a queue that is to be emptied. */
  public BatchPolicy withoutDelay() {
    return new BatchPolicy(maxBatchSize, preferredBatchSizes, Duration.ZERO);
  }

  /** The same policy with no batch larger than {@code most}, which is at least 1. */
  public BatchPolicy atMost(int most) {
    return most >= maxBatchSize
        ? this
        : new BatchPolicy(
            most,
            preferredBatchSizes.stream().filter(size -> size <= most).toList(),
            maxQueueDelay);
  }

  private Decision decide(Queue.Waiting waiting, long now, int idleLanes) {
    int there = Math.min(waiting.size(), maxBatchSize);
    int preferred = preferredOf(there);
    if (maxQueueDelay.isZero()) {
      int share = Math.min(Math.ceilDiv(waiting.size(), idleLanes), maxBatchSize);
      return new Decision.Flush(preferred > 0 ? preferred : share);
    }
    long due = waiting.oldestSubmittedAt() + maxQueueDelay.toNanos();
    if (now - due >= 0) {
      return new Decision.Flush(there);
    }
    if (preferred > 0) {
      return new Decision.Flush(preferred);
    }
    return there == maxBatchSize ? new Decision.Flush(there) : new Decision.WaitUntil(due);
  }

  /** The largest preferred size that can be formed of so many; 0 when none can. */
  private int preferredOf(int there) {
    int largest = 0;
    for (int size : preferredBatchSizes) {
      if (size <= there) {
        largest = size;
      }
    }
    return largest;
  }
}

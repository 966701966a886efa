package dev.sluice.worker.batch;

import dev.sluice.worker.model.Deadline;
import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.TaskException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One submitted item and the place where its reply is put. Compared by identity. Safe for any
 * thread: the first reply stands, later ones are ignored.
 */
final class Slot<I, O> {
  final I item;
  final Deadline deadline;

  /** Nanoseconds, by the batcher's clock. */
  final long submittedAt;

  /**
   * Whether a device call with this item alone has failed; touched by the lane that has taken it,
   * and by the next only after the queue's lock.
   */
  boolean failedAlone;

  /** Whether its place in the queue has been given back; guarded by the queue's lock. */
  boolean withoutPlace;

  private final String batcher;
  private final CompletableFuture<Reply<O>> reply = new CompletableFuture<>();

  Slot(I item, Deadline deadline, long submittedAt, String batcher) {
    this.item = item;
    this.deadline = deadline;
    this.submittedAt = submittedAt;
    this.batcher = batcher;
  }

  void answer(Batched<O> batched) {
    reply.complete(new Reply.Answer<>(batched));
  }

  void refuse(RuntimeException reason) {
    reply.complete(new Reply.Refusal<>(reason));
  }

  /** Nobody waits for the reply any more. */
  void abandon() {
    reply.cancel(false);
  }

  /** Whether somebody waits for it still; refuses it when its deadline has passed. */
  boolean isWanted(Instant now) {
    if (deadline.isPast(now)) {
      refuse(expired());
    }
    return !reply.isDone();
  }

  /** The refusal for a deadline that has passed. */
  TaskException expired() {
    return new TaskException(
        ErrorCode.DEADLINE_EXCEEDED, "the deadline passed while waiting for a batch of " + batcher);
  }

  /** Waits for the reply, at most so long. */
  Reply<O> reply(Duration atMost) throws InterruptedException, TimeoutException {
    try {
      return reply.get(atMost.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException impossible) {
      throw new IllegalStateException("a reply is never an exception", impossible);
    }
  }

  /** What the waiting caller gets. */
  sealed interface Reply<O> {
    record Answer<O>(Batched<O> batched) implements Reply<O> {}

    record Refusal<O>(RuntimeException reason) implements Reply<O> {}
  }
}

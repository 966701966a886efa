package dev.sluice.worker.batch;

import dev.sluice.worker.model.Deadline;
import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.TaskException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;

/**
 * One submitted item and the place where its reply is put. Compared by identity. Safe for any
 * thread: the first reply stands, later ones are ignored.
 *
 * <p>It parks its caller itself: a future that is waited for with a time limit arms and disarms a
 * timer for each item, and there is nothing to time for an item without a deadline.
 */
final class Slot<I, O> {
  private static final VarHandle REPLY;

  static {
    try {
      REPLY = MethodHandles.lookup().findVarHandle(Slot.class, "reply", Reply.class);
    } catch (ReflectiveOperationException impossible) {
      throw new ExceptionInInitializerError(impossible);
    }
  }

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

  /** Whether it stands in the queue; written under the queue's lock, read by any thread. */
  volatile boolean queued;

  private final String batcher;
  private final Thread caller = Thread.currentThread();

  /** Changes once. */
  private volatile Reply<O> reply = new Reply.Awaited<>();

  /** Made by the caller, on its own thread. */
  Slot(I item, Deadline deadline, long submittedAt, String batcher) {
    this.item = item;
    this.deadline = deadline;
    this.submittedAt = submittedAt;
    this.batcher = batcher;
  }

  void answer(Batched<O> batched) {
    end(new Reply.Answer<>(batched));
  }

  void refuse(RuntimeException reason) {
    end(new Reply.Refusal<>(reason));
  }

  /** The caller does not wait for the reply any more. */
  void abandon() {
    if (!isDone()) {
      end(new Reply.Abandoned<>());
    }
  }

  /** Whether somebody waits for it still; refuses it when its deadline has passed. */
  boolean isWanted(Instant now) {
    if (deadline.isPast(now)) {
      refuse(expired());
    }
    return !isDone();
  }

  /** Whether nobody waits for it any more. */
  boolean isDone() {
    return !(reply instanceof Reply.Awaited<O>);
  }

  /** The refusal for a deadline that has passed. */
  TaskException expired() {
    return new TaskException(
        ErrorCode.DEADLINE_EXCEEDED, "the deadline passed while waiting for a batch of " + batcher);
  }

  /** The reply, if there is one yet. */
  Reply<O> reply() {
    return reply;
  }

  /** Parks the caller until there may be a reply or so much time has passed; or for no reason. */
  void park(Duration atMost) throws InterruptedException {
    LockSupport.parkNanos(this, atMost.toNanos());
    requireNotInterrupted();
  }

  /** Parks the caller until there may be a reply; or for no reason. */
  void park() throws InterruptedException {
    LockSupport.park(this);
    requireNotInterrupted();
  }

  /** A reply that has come counts for more. */
  private void requireNotInterrupted() throws InterruptedException {
    if (!isDone() && Thread.interrupted()) {
      throw new InterruptedException();
    }
  }

  private void end(Reply<O> with) {
    Reply<O> current = reply;
    if (current instanceof Reply.Awaited<O> && REPLY.compareAndSet(this, current, with)) {
      LockSupport.unpark(caller);
    }
  }

  /** What the waiting caller gets. */
  sealed interface Reply<O> {
    /** Nothing yet. */
    record Awaited<O>() implements Reply<O> {}

    record Answer<O>(Batched<O> batched) implements Reply<O> {}

    record Refusal<O>(RuntimeException reason) implements Reply<O> {}

    /** Nothing any more, since the caller has left. */
    record Abandoned<O>() implements Reply<O> {}
  }
}

package dev.sluice.worker.batch;

import static java.util.Objects.requireNonNull;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.sluice.worker.batch.BatchPolicy.Decision;
import dev.sluice.worker.batch.BatchPolicy.Queue;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/** What waits for a batcher's lanes, and what the lanes share. Safe for any thread. */
final class SlotQueue<I, O> {
  private static final Duration LONGEST_WAIT = Duration.ofHours(1);

  private final BatchSettings settings;
  private final InstantSource clock;
  private final LongSupplier nanoClock;
  private final LargestBatch largestBatch;

  /**
   * One permit for each free place; fair, so nobody waits for ever. A caller takes a permit before
   * its slot enters; whoever removes the slot gives it back, once.
   */
  private final Semaphore room;

  private final ReentrantLock lock = new ReentrantLock();

  /** Signalled when an idle lane should decide anew. */
  private final Condition work = lock.newCondition();

  @GuardedBy("lock")
  private final SequencedSet<Slot<I, O>> slots = new LinkedHashSet<>();

  @GuardedBy("lock")
  private int idleLanes;

  /** No new slots; lanes empty the queue and end. */
  @GuardedBy("lock")
  private boolean closing;

  SlotQueue(BatchSettings settings, InstantSource clock, LongSupplier nanoClock) {
    this.settings = settings;
    this.clock = requireNonNull(clock, "clock is null");
    this.nanoClock = requireNonNull(nanoClock, "nanoClock is null");
    this.room = new Semaphore(settings.queueCapacity(), true);
    this.largestBatch = new LargestBatch(settings.policy(), settings.sizing(), nanoClock);
  }

  /** Whether there was a free place within this time; it is the caller's now. */
  boolean awaitPlace(Duration atMost) throws InterruptedException {
    return room.tryAcquire(atMost.toNanos(), TimeUnit.NANOSECONDS);
  }

  /**
   * Takes a slot in whose caller has a place.
   *
   * @throws RejectedExecutionException when the queue is closing
   */
  void enter(Slot<I, O> slot) {
    lock.lock();
    try {
      if (closing) {
        room.release();
        throw new RejectedExecutionException(settings.name() + " takes no more items");
      }
      slots.add(slot);
      slot.queued = true;
      if (idleLanes > 0) {
        work.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Takes back a slot that no lane has taken; does nothing after that. */
  void withdraw(Slot<I, O> slot) {
    lock.lock();
    try {
      if (slots.remove(slot)) {
        leave(slot);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Gives slots back that a lane has taken and cannot run; they are the next ones to be taken. */
  void putBack(List<Slot<I, O>> taken) {
    lock.lock();
    try {
      for (Slot<I, O> slot : taken.reversed()) {
        slot.queued = true;
        // In this order: a caller leaves first and looks then whether it is queued.
        if (slot.isDone()) {
          slot.queued = false;
        } else {
          slots.addFirst(slot);
        }
      }
      work.signalAll();
    } finally {
      lock.unlock();
    }
  }

  int size() {
    lock.lock();
    try {
      return slots.size();
    } finally {
      lock.unlock();
    }
  }

  /** How large a batch may be for now. */
  LargestBatch largestBatch() {
    return largestBatch;
  }

  /** Lets nothing in any more; lanes empty the queue and end. */
  void close() {
    lock.lock();
    try {
      if (!closing) {
        closing = true;
        // Lets in whoever waits for room, to be refused.
        room.release(Integer.MAX_VALUE / 2);
      }
      work.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Empties the queue. */
  void refuseAll(RuntimeException reason) {
    lock.lock();
    try {
      for (Slot<I, O> slot : slots) {
        slot.refuse(reason);
        leave(slot);
      }
      slots.clear();
    } finally {
      lock.unlock();
    }
  }

  /** Waits for the next batch; empty when the queue is closing and nothing is left. */
  List<Slot<I, O>> take() {
    lock.lock();
    try {
      idleLanes++;
      try {
        List<Slot<I, O>> batch = List.of();
        while (batch.isEmpty()) {
          if (closing && slots.isEmpty()) {
            return List.of();
          }
          batch = step();
        }
        return batch;
      } finally {
        idleLanes--;
        if (!slots.isEmpty()) {
          work.signal();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Asks the policy once and does as it says; empty when there is nothing to run yet. */
  @GuardedBy("lock")
  private List<Slot<I, O>> step() {
    BatchPolicy policy = settings.policy().atMost(largestBatch.now());
    Queue waiting =
        slots.isEmpty()
            ? new Queue.Empty()
            : new Queue.Waiting(slots.size(), slots.getFirst().submittedAt);
    long now = nanoClock.getAsLong();
    switch ((closing ? policy.withoutDelay() : policy).decide(waiting, now, idleLanes)) {
      case Decision.Flush(int size) -> {
        return poll(size);
      }
      case Decision.WaitUntil(long nanos) -> awaitWork(nanos - now);
      case Decision.Wait _ -> awaitWork(LONGEST_WAIT.toNanos());
    }
    return List.of();
  }

  @SuppressWarnings("WaitNotInLoop") // take() is the loop: it asks the policy after each wait
  @GuardedBy("lock")
  private void awaitWork(long nanos) {
    try {
      long _ = work.awaitNanos(nanos);
    } catch (InterruptedException _) {
      // Nobody interrupts a lane: close() ends it. Whoever does all the same only wakes it.
    }
  }

  /** The first {@code size} slots that are still wanted, or fewer if there are no more. */
  @GuardedBy("lock")
  private List<Slot<I, O>> poll(int size) {
    Instant now = clock.instant();
    List<Slot<I, O>> batch = new ArrayList<>(size);
    while (batch.size() < size && !slots.isEmpty()) {
      Slot<I, O> slot = slots.removeFirst();
      leave(slot);
      if (slot.isWanted(now)) {
        batch.add(slot);
      }
    }
    return batch;
  }

  @GuardedBy("lock")
  private void leave(Slot<I, O> slot) {
    slot.queued = false;
    if (!slot.withoutPlace) {
      slot.withoutPlace = true;
      room.release();
    }
  }
}

package dev.sluice.worker.batch;

import static java.util.Objects.requireNonNull;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.sluice.worker.batch.BatchPolicy.Decision;
import dev.sluice.worker.batch.BatchPolicy.Queue;
import dev.sluice.worker.model.Deadline;
import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.TaskException;
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
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Gathers the items of many waiting threads into batches and runs them on lanes.
 *
 * <p>A lane is a platform daemon thread that owns one {@link DeviceCall}. Any thread may {@link
 * #submit}; it waits for its own item's output and for nothing else. Guarantees:
 *
 * <ul>
 *   <li>Items go to the device in the order in which they entered the queue, each once, unless its
 *       batch fails: then the batch is run again in halves, and only an item that fails alone gets
 *       the exception.
 *   <li>An item whose deadline has passed, or whose caller has gone, does not go to the device.
 *   <li>Whatever happens to the lanes, every caller gets an answer or an exception.
 * </ul>
 *
 * <p>A caller may leave (interrupt, deadline) while its item is on the device: the lane goes on
 * reading the item until the call ends and drops the output. At most {@code max_batch_size} items a
 * lane outlive their callers so.
 *
 * <p>Real waiting uses the JVM's own clock for how long to sleep and then asks the given clocks
 * anew, so a test that steps its clock decides what happens, and only how soon it is noticed is
 * left to the machine.
 */
public final class Batcher<I, O> {
  /** No wait is longer; keeps a deadline in the far future from overflowing. */
  private static final Duration LONGEST_WAIT = Duration.ofHours(1);

  private final BatchSettings settings;
  private final InstantSource clock;
  private final LongSupplier nanoClock;

  /**
   * One permit for each free place in the queue; fair, so nobody waits for ever. A caller takes a
   * permit before it enters the queue; whoever removes its slot gives it back.
   */
  private final Semaphore room;

  private final ReentrantLock lock = new ReentrantLock();

  /** Signalled when an idle lane should decide anew. */
  private final Condition work = lock.newCondition();

  @GuardedBy("lock")
  private final SequencedSet<Slot<I, O>> queue = new LinkedHashSet<>();

  @GuardedBy("lock")
  private int idleLanes;

  @GuardedBy("lock")
  private int livingLanes;

  /** No new items; lanes empty the queue and end. */
  @GuardedBy("lock")
  private boolean closing;

  private final List<Lane> lanes;

  /**
   * Starts one lane for each device call.
   *
   * @param settings of this batcher
   * @param devices what runs the batches, at least one
   * @param clock for deadlines
   * @param nanoClock for ages and durations, like {@link System#nanoTime}
   */
  public Batcher(
      BatchSettings settings,
      List<? extends DeviceCall<I, O>> devices,
      InstantSource clock,
      LongSupplier nanoClock) {
    if (devices.isEmpty()) {
      throw new IllegalArgumentException(settings.name() + " has no lane");
    }
    this.settings = settings;
    this.clock = requireNonNull(clock, "clock is null");
    this.nanoClock = requireNonNull(nanoClock, "nanoClock is null");
    this.room = new Semaphore(settings.queueCapacity(), true);
    this.livingLanes = devices.size();
    List<Lane> started = new ArrayList<>();
    for (DeviceCall<I, O> device : devices) {
      started.add(new Lane(settings.name() + "-lane-" + started.size(), device));
    }
    this.lanes = List.copyOf(started);
    lanes.forEach(lane -> lane.thread.start());
  }

  /** As {@link #submit(Object, Deadline)}, without a deadline. */
  public Batched<O> submit(I item) throws InterruptedException {
    return submit(item, new Deadline.None());
  }

  /**
   * Submits an item and waits for its output; for virtual threads, since it may wait for long.
   *
   * @param item not changed by anyone until this returns, and no longer by the caller after it has
   *     thrown
   * @param deadline until when to wait
   * @throws TaskException with DEADLINE_EXCEEDED once the deadline has passed, whatever the lanes
   *     are doing; with INTERNAL when the lane's thread died of this batch
   * @throws RuntimeException what the device threw for this item alone, the same instance
   * @throws RejectedExecutionException when the batcher is closing, or its close did not get to
   *     this item in time: the item was not judged, and may be tried elsewhere
   * @throws InterruptedException when the caller is interrupted; the item is withdrawn
   */
  public Batched<O> submit(I item, Deadline deadline) throws InterruptedException {
    Slot<I, O> slot =
        new Slot<>(requireNonNull(item, "item is null"), deadline, nanoClock.getAsLong());
    waitForRoom(deadline);
    try {
      enqueue(slot);
      return await(slot);
    } finally {
      withdraw(slot);
    }
  }

  /** How many items wait for a lane now. */
  public int waiting() {
    lock.lock();
    try {
      return queue.size();
    } finally {
      lock.unlock();
    }
  }

  /** What each lane is doing now. */
  public List<LaneState> lanes() {
    lock.lock();
    try {
      return lanes.stream().map(Lane::state).toList();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Refuses new items at once, lets the lanes finish what was submitted, and ends them. What is not
   * finished within the budget is refused. May be called again to wait longer.
   *
   * @param budget how long to wait for the lanes
   * @return whether every lane has ended; if not, one is still inside its device call, and what
   *     that call uses must not be closed
   */
  public boolean close(Duration budget) throws InterruptedException {
    long started = nanoClock.getAsLong();
    stopIntake();
    boolean ended = true;
    try {
      for (Lane lane : lanes) {
        Duration left = budget.minusNanos(nanoClock.getAsLong() - started);
        ended &= lane.thread.join(left.isPositive() ? left : Duration.ZERO);
      }
    } finally {
      refuseAll(
          new RejectedExecutionException(
              settings.name() + " was closed before this item was finished"));
    }
    return ended;
  }

  private void stopIntake() {
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

  private void refuseAll(RuntimeException reason) {
    lock.lock();
    try {
      queue.forEach(slot -> slot.refuse(reason));
      room.release(queue.size());
      queue.clear();
      lanes.forEach(lane -> lane.running.forEach(slot -> slot.refuse(reason)));
    } finally {
      lock.unlock();
    }
  }

  private void waitForRoom(Deadline deadline) throws InterruptedException {
    do {
      requireNotPast(deadline);
    } while (!room.tryAcquire(timeLeft(deadline).toNanos(), TimeUnit.NANOSECONDS));
  }

  private void enqueue(Slot<I, O> slot) {
    lock.lock();
    try {
      if (closing) {
        room.release();
        throw new RejectedExecutionException(settings.name() + " takes no more items");
      }
      queue.add(slot);
      if (idleLanes > 0) {
        work.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  private Batched<O> await(Slot<I, O> slot) throws InterruptedException {
    while (true) {
      try {
        return switch (slot.reply(timeLeft(slot.deadline))) {
          case Slot.Reply.Answer<O>(Batched<O> batched) -> batched;
          case Slot.Reply.Refusal<O>(RuntimeException reason) -> throw reason;
        };
      } catch (TimeoutException _) {
        requireNotPast(slot.deadline);
      }
    }
  }

  /** Takes back a slot that no lane has taken; does nothing after that. */
  private void withdraw(Slot<I, O> slot) {
    lock.lock();
    try {
      if (queue.remove(slot)) {
        room.release();
      }
    } finally {
      lock.unlock();
    }
  }

  private void requireNotPast(Deadline deadline) {
    if (deadline.isPast(clock.instant())) {
      throw expired();
    }
  }

  private TaskException expired() {
    return new TaskException(
        ErrorCode.DEADLINE_EXCEEDED,
        "the deadline passed while waiting for a batch of " + settings.name());
  }

  private Duration timeLeft(Deadline deadline) {
    return switch (deadline) {
      case Deadline.None _ -> LONGEST_WAIT;
      case Deadline.At(Instant instant) -> {
        // A deadline is inclusive: it has passed one tick after its instant.
        Duration left = Duration.between(clock.instant(), instant).plusNanos(1_000);
        if (left.compareTo(LONGEST_WAIT) > 0) {
          yield LONGEST_WAIT;
        }
        yield left.isPositive() ? left : Duration.ofNanos(1_000);
      }
    };
  }

  /** A thread that owns one device call. */
  private final class Lane {
    private final DeviceCall<I, O> device;
    private final Thread thread;

    /** What the device call works on; empty when idle. Guarded by the batcher's lock. */
    private List<Slot<I, O>> running = List.of();

    /** When that began, in nanoseconds. Guarded by the batcher's lock. */
    private long runningSince;

    /** Why the thread ended, empty while it lives. Guarded by the batcher's lock. */
    private String ended = "";

    Lane(String name, DeviceCall<I, O> device) {
      this.device = device;
      this.thread = Thread.ofPlatform().name(name).daemon().unstarted(this::loop);
    }

    LaneState state() {
      if (!ended.isEmpty()) {
        return new LaneState.Ended(ended);
      }
      return running.isEmpty()
          ? new LaneState.Idle()
          : new LaneState.Busy(
              Duration.ofNanos(nanoClock.getAsLong() - runningSince), running.size());
    }

    private void loop() {
      try {
        for (List<Slot<I, O>> batch = take(); !batch.isEmpty(); batch = take()) {
          long takenAt = nanoClock.getAsLong();
          run(batch, takenAt);
        }
        end("closed");
      } catch (Throwable cause) {
        // An Error: not ours to survive. The callers must not wait for a dead lane, and the
        // thread's
        // uncaught-exception handler hears of it.
        end(cause.toString());
        throw cause;
      }
    }

    /** Waits for the next batch; empty when the batcher is closing and nothing is left. */
    private List<Slot<I, O>> take() {
      lock.lock();
      try {
        running = List.of();
        idleLanes++;
        try {
          List<Slot<I, O>> batch = List.of();
          while (batch.isEmpty()) {
            if (closing && queue.isEmpty()) {
              return List.of();
            }
            batch = step();
          }
          running = batch;
          runningSince = nanoClock.getAsLong();
          return batch;
        } finally {
          idleLanes--;
          if (!queue.isEmpty()) {
            work.signal();
          }
        }
      } finally {
        lock.unlock();
      }
    }

    /** Asks the policy once and does as it says; empty when there is nothing to run yet. */
    @GuardedBy("Batcher.this.lock")
    private List<Slot<I, O>> step() {
      BatchPolicy policy = closing ? settings.policy().withoutDelay() : settings.policy();
      Queue waiting =
          queue.isEmpty()
              ? new Queue.Empty()
              : new Queue.Waiting(queue.size(), queue.getFirst().submittedAt);
      long now = nanoClock.getAsLong();
      switch (policy.decide(waiting, now, idleLanes)) {
        case Decision.Flush(int size) -> {
          return poll(size);
        }
        case Decision.WaitUntil(long nanos) -> awaitWork(nanos - now);
        case Decision.Wait _ -> awaitWork(LONGEST_WAIT.toNanos());
      }
      return List.of();
    }

    @SuppressWarnings("WaitNotInLoop") // take() is the loop: it asks the policy after each wait
    @GuardedBy("Batcher.this.lock")
    private void awaitWork(long nanos) {
      try {
        long _ = work.awaitNanos(nanos);
      } catch (InterruptedException _) {
        // Nobody interrupts a lane: close() ends it. Whoever does all the same only wakes it.
      }
    }

    /** The first {@code size} items that are still wanted, or fewer if there are no more. */
    @GuardedBy("Batcher.this.lock")
    private List<Slot<I, O>> poll(int size) {
      Instant now = clock.instant();
      List<Slot<I, O>> batch = new ArrayList<>(size);
      while (batch.size() < size && !queue.isEmpty()) {
        Slot<I, O> slot = queue.removeFirst();
        room.release();
        if (slot.deadline.isPast(now)) {
          slot.refuse(expired());
        } else {
          batch.add(slot);
        }
      }
      return batch;
    }

    private void run(List<Slot<I, O>> batch, long takenAt) {
      try {
        List<O> outputs = List.copyOf(device.run(batch.stream().map(slot -> slot.item).toList()));
        if (outputs.size() != batch.size()) {
          throw new TaskException(
              ErrorCode.INTERNAL,
              settings.name()
                  + " gave "
                  + outputs.size()
                  + " outputs for "
                  + batch.size()
                  + " items");
        }
        Duration ran = Duration.ofNanos(nanoClock.getAsLong() - takenAt);
        for (int i = 0; i < batch.size(); i++) {
          Slot<I, O> slot = batch.get(i);
          Duration waited = Duration.ofNanos(takenAt - slot.submittedAt);
          slot.answer(new Batched<>(outputs.get(i), batch.size(), waited, ran));
        }
      } catch (RuntimeException failure) {
        if (batch.size() == 1) {
          batch.getFirst().refuse(failure);
        } else {
          int half = batch.size() / 2;
          run(batch.subList(0, half), takenAt);
          run(batch.subList(half, batch.size()), takenAt);
        }
      }
    }

    private void end(String reason) {
      lock.lock();
      try {
        ended = reason;
        TaskException died =
            new TaskException(ErrorCode.INTERNAL, thread.getName() + " has ended: " + reason);
        running.forEach(slot -> slot.refuse(died));
        running = List.of();
        livingLanes--;
        if (livingLanes == 0) {
          stopIntake();
          refuseAll(died);
        }
      } finally {
        lock.unlock();
      }
    }
  }
}

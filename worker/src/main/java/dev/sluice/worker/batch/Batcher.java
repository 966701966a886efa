package dev.sluice.worker.batch;

import static java.util.Objects.requireNonNull;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.sluice.worker.model.Deadline;
import dev.sluice.worker.model.TaskException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
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
 *       batch fails: then the batch is run again in parts, and only an item that fails alone twice
 *       gets the exception.
 *   <li>A batch that does not fit the device's memory is run again in smaller ones, and the next
 *       ones are smaller from the start, for a while: see {@link BatchLimit}.
 *   <li>An item whose deadline has passed, or whose caller has gone, does not go to the device; not
 *       even again, after a failed batch.
 *   <li>Whatever happens to the lanes, every caller gets an answer or an exception, and what a
 *       device that is gone had taken is refused without a judgement on it.
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

  /** Longer between two looks, and the process did not run: stopped, swapped out, suspended. */
  private static final Duration LONGEST_BETWEEN_LOOKS = Duration.ofSeconds(2);

  private final BatchSettings settings;
  private final LaneObserver observer;
  private final InstantSource clock;
  private final LongSupplier nanoClock;
  private final SlotQueue<I, O> queue;
  private final List<Lane<I, O>> lanes;
  private final AtomicInteger livingLanes;
  private final ReentrantLock watching = new ReentrantLock();

  @GuardedBy("watching")
  private boolean hopeless;

  /** In nanoseconds. */
  @GuardedBy("watching")
  private long lastLook;

  /**
   * Starts one lane for each device call.
   *
   * @param settings of this batcher
   * @param devices what runs the batches, at least one
   * @param observer hears what goes wrong with lanes
   * @param clock for deadlines
   * @param nanoClock for ages and durations, like {@link System#nanoTime}
   */
  public Batcher(
      BatchSettings settings,
      List<? extends DeviceCall<I, O>> devices,
      LaneObserver observer,
      InstantSource clock,
      LongSupplier nanoClock) {
    if (devices.isEmpty()) {
      throw new IllegalArgumentException(settings.name() + " has no lane");
    }
    this.settings = settings;
    this.observer = requireNonNull(observer, "observer is null");
    this.clock = requireNonNull(clock, "clock is null");
    this.nanoClock = requireNonNull(nanoClock, "nanoClock is null");
    this.queue = new SlotQueue<>(settings, clock, nanoClock);
    this.lastLook = nanoClock.getAsLong();
    this.livingLanes = new AtomicInteger(devices.size());
    List<Lane<I, O>> made = new ArrayList<>();
    for (DeviceCall<I, O> device : devices) {
      made.add(
          new Lane<>(
              settings.laneName(made.size()),
              device,
              settings,
              queue,
              observer,
              clock,
              nanoClock,
              this::laneEnded));
    }
    this.lanes = List.copyOf(made);
    lanes.forEach(Lane::start);
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
   *     are doing; with INTERNAL when the device call was given up as wedged, or the item alone did
   *     not fit the device's memory
   * @throws RuntimeException what the device threw for this item alone, the second time, the same
   *     instance
   * @throws RejectedExecutionException when the batcher is closing, its close did not get to this
   *     item in time, or the item's lane died: the item was not judged, and may be tried elsewhere
   * @throws InterruptedException when the caller is interrupted; the item is withdrawn
   */
  public Batched<O> submit(I item, Deadline deadline) throws InterruptedException {
    Slot<I, O> slot =
        new Slot<>(
            requireNonNull(item, "item is null"), deadline, nanoClock.getAsLong(), settings.name());
    waitForPlace(slot);
    try {
      queue.enter(slot);
      return await(slot);
    } finally {
      leave(slot);
    }
  }

  /** How many items wait for a lane now. */
  public int waiting() {
    return queue.size();
  }

  /**
   * The largest batch for now: less than the policy's when the device has run out of memory, or
   * does more with smaller ones, see {@link BatchSizing}.
   */
  public int largestBatch() {
    return queue.largestBatch().now();
  }

  /** From when on a wedged lane does not come back. */
  public Duration hopelessAfter() {
    return settings.hopelessAfter();
  }

  /** What each lane is doing now. */
  public List<LaneState> lanes() {
    return lanes.stream().map(Lane::state).toList();
  }

  /**
   * Looks for device calls that do not come back; to be called several times a second, by any
   * thread. A call that takes longer than {@code max_call_duration} is given up: its callers are
   * told so, what its lane would have run after it goes to other lanes, and its outputs are dropped
   * if it comes back after all. Time in which nobody looked, since the whole process stood still,
   * is not the device's and does not count.
   */
  public void watch() {
    watching.lock();
    try {
      long now = nanoClock.getAsLong();
      Duration between = Duration.ofNanos(now - lastLook);
      lastLook = now;
      if (between.compareTo(LONGEST_BETWEEN_LOOKS) > 0) {
        lanes.forEach(lane -> lane.leaveOut(between));
      }
      lanes.forEach(Lane::watch);
      List<LaneState> states = lanes();
      boolean wedged = states.stream().anyMatch(LaneState.Wedged.class::isInstance);
      if (wedged && !hopeless && states.stream().allMatch(this::isHopeless)) {
        hopeless = true;
        observer.hopeless(settings.name());
      }
    } finally {
      watching.unlock();
    }
  }

  /**
   * Refuses new items at once, lets the lanes finish what was submitted, and ends them. What is not
   * finished within the budget is refused. May be called again to wait longer.
   *
   * @param budget how long to wait for the lanes, but for those that are wedged
   * @return whether every lane has ended; if not, one is still inside its device call, and what
   *     that call uses must not be closed
   */
  public boolean close(Duration budget) throws InterruptedException {
    long started = nanoClock.getAsLong();
    queue.close();
    boolean ended = true;
    try {
      for (Lane<I, O> lane : lanes) {
        ended &= lane.join(budget.minusNanos(nanoClock.getAsLong() - started));
      }
    } finally {
      refuseAll(settings.name() + " was closed before this item was finished");
    }
    return ended;
  }

  private boolean isHopeless(LaneState lane) {
    return switch (lane) {
      case LaneState.Idle _, LaneState.Busy _ -> false;
      case LaneState.Wedged(Duration running, int _) ->
          running.compareTo(settings.hopelessAfter()) > 0;
      case LaneState.Ended _ -> true;
    };
  }

  private void laneEnded() {
    if (livingLanes.decrementAndGet() == 0) {
      queue.close();
      refuseAll("every lane of " + settings.name() + " has ended");
    }
  }

  private void refuseAll(String why) {
    RejectedExecutionException reason = new RejectedExecutionException(why);
    queue.refuseAll(reason);
    lanes.forEach(lane -> lane.refuseAll(reason));
  }

  private void waitForPlace(Slot<I, O> slot) throws InterruptedException {
    do {
      requireNotPast(slot);
    } while (!queue.awaitPlace(timeLeft(slot.deadline)));
  }

  private Batched<O> await(Slot<I, O> slot) throws InterruptedException {
    while (true) {
      switch (slot.reply()) {
        case Slot.Reply.Answer<O>(Batched<O> batched) -> {
          return batched;
        }
        case Slot.Reply.Refusal<O>(RuntimeException reason) -> throw reason;
        case Slot.Reply.Abandoned<O> _ ->
            throw new IllegalStateException("only the caller abandons, and does not wait then");
        case Slot.Reply.Awaited<O> _ -> {
          requireNotPast(slot);
          if (slot.deadline instanceof Deadline.None) {
            slot.park();
          } else {
            slot.park(timeLeft(slot.deadline));
          }
        }
      }
    }
  }

  /** Usually a lane has taken the item and answered it, and there is nothing to be done. */
  private void leave(Slot<I, O> slot) {
    slot.abandon();
    if (slot.queued) {
      queue.withdraw(slot);
    }
  }

  private void requireNotPast(Slot<I, O> slot) {
    if (slot.deadline instanceof Deadline.At deadline && deadline.isPast(clock.instant())) {
      throw slot.expired();
    }
  }

  private Duration timeLeft(Deadline deadline) {
    return deadline instanceof Deadline.None
        ? LONGEST_WAIT
        : deadline.timeLeft(clock.instant(), LONGEST_WAIT);
  }
}

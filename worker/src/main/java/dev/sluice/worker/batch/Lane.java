package dev.sluice.worker.batch;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.sluice.worker.model.DeviceException;
import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.TaskException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * A platform daemon thread that owns one device call: takes a batch, runs it, and when it fails
 * runs it again in parts.
 *
 * <p>A batch is a list of parts that have yet to be run, at first the whole of it. A part that
 * fails is put back as its halves, and an item that fails alone once more as it is: a device that
 * fails for a moment is no fault of the item that happens to be there. Of n items of which k fail
 * alone that makes no more than 1 + 2 k log2(n) + k calls, since a half is only run again in halves
 * when a culprit is in it. A part that does not fit the device's memory lowers the limit that all
 * lanes share, and the parts still to be run are cut by it: log2(n) calls at most are spent on
 * finding it. Every part that is put back is smaller than the one that failed, or a single item
 * that is put back once, so this ends.
 */
final class Lane<I, O> {
  private final String name;
  private final DeviceCall<I, O> device;
  private final BatchSettings settings;
  private final SlotQueue<I, O> queue;
  private final LaneObserver observer;
  private final InstantSource clock;
  private final LongSupplier nanoClock;
  private final Thread thread;

  /** Held for moments only, never during a device call; the queue's lock may be taken within it. */
  private final ReentrantLock lock = new ReentrantLock();

  /** Parts of the taken batch that wait for the device. */
  @GuardedBy("lock")
  private final Deque<List<Slot<I, O>>> parts = new ArrayDeque<>();

  /** What is on the device; empty when nothing is. */
  @GuardedBy("lock")
  private List<Slot<I, O>> onDevice = List.of();

  /** When that call began, in nanoseconds; later by what {@link #leaveOut} does not count. */
  @GuardedBy("lock")
  private long calledAt;

  /** Whether that call has been given up. */
  @GuardedBy("lock")
  private boolean wedged;

  /** Why the thread ended, empty while it lives. */
  @GuardedBy("lock")
  private String ended = "";

  /**
   * @param atEnd called on the lane's thread when it has ended, whatever the reason
   */
  Lane(
      String name,
      DeviceCall<I, O> device,
      BatchSettings settings,
      SlotQueue<I, O> queue,
      LaneObserver observer,
      InstantSource clock,
      LongSupplier nanoClock,
      Runnable atEnd) {
    this.name = name;
    this.device = device;
    this.settings = settings;
    this.queue = queue;
    this.observer = observer;
    this.clock = clock;
    this.nanoClock = nanoClock;
    this.thread = Thread.ofPlatform().name(name).daemon().unstarted(() -> loop(atEnd));
  }

  void start() {
    thread.start();
  }

  /** Whether the thread has ended within this time; not waited for while it is wedged. */
  boolean join(Duration atMost) throws InterruptedException {
    return thread.join(isWedged() || !atMost.isPositive() ? Duration.ZERO : atMost);
  }

  LaneState state() {
    lock.lock();
    try {
      if (!ended.isEmpty()) {
        return new LaneState.Ended(ended);
      }
      if (onDevice.isEmpty()) {
        return new LaneState.Idle();
      }
      return wedged
          ? new LaneState.Wedged(running(), onDevice.size())
          : new LaneState.Busy(running(), onDevice.size());
    } finally {
      lock.unlock();
    }
  }

  /** Refuses all that the lane has taken; its device call goes on. */
  void refuseAll(RuntimeException reason) {
    taken().forEach(slot -> slot.refuse(reason));
  }

  /** Does not count this time, which has just passed, as the device's. */
  void leaveOut(Duration stoodStill) {
    lock.lock();
    try {
      Duration running = running();
      calledAt += (running.compareTo(stoodStill) < 0 ? running : stoodStill).toNanos();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Gives a device call up that has taken too long: its callers are told so, and what waited behind
   * it goes back to the queue, for other lanes.
   */
  void watch() {
    List<Slot<I, O>> stuck;
    Duration running;
    lock.lock();
    try {
      running = running();
      if (onDevice.isEmpty() || wedged || running.compareTo(settings.maxCallDuration()) <= 0) {
        return;
      }
      wedged = true;
      stuck = onDevice;
      queue.putBack(parts.stream().flatMap(List::stream).toList());
      parts.clear();
    } finally {
      lock.unlock();
    }
    TaskException reason =
        new TaskException(
            ErrorCode.INTERNAL,
            "the device call of this image and %d others has not ended within %s (max_call_duration)"
                .formatted(stuck.size() - 1, settings.maxCallDuration()));
    stuck.forEach(slot -> slot.refuse(reason));
    observer.wedged(name, stuck.size(), running);
  }

  private boolean isWedged() {
    lock.lock();
    try {
      return wedged;
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private Duration running() {
    return Duration.ofNanos(nanoClock.getAsLong() - calledAt);
  }

  private List<Slot<I, O>> taken() {
    lock.lock();
    try {
      List<Slot<I, O>> taken = new ArrayList<>(onDevice);
      parts.forEach(taken::addAll);
      return taken;
    } finally {
      lock.unlock();
    }
  }

  private void loop(Runnable atEnd) {
    try {
      for (List<Slot<I, O>> batch = queue.take(); !batch.isEmpty(); batch = queue.take()) {
        run(batch);
      }
      end("closed");
    } catch (DeviceException gone) {
      die(gone);
    } catch (Throwable cause) {
      // Not ours to survive; the thread's uncaught-exception handler hears of it.
      die(cause);
      throw cause;
    } finally {
      atEnd.run();
    }
  }

  private void end(String reason) {
    lock.lock();
    try {
      ended = reason;
      onDevice = List.of();
      parts.clear();
    } finally {
      lock.unlock();
    }
  }

  /** Nobody must wait for a dead lane, and nothing is said about what it had taken. */
  private void die(Throwable cause) {
    List<Slot<I, O>> unjudged = taken();
    end(cause.toString());
    RejectedExecutionException reason =
        new RejectedExecutionException(name + " has ended: " + cause, cause);
    unjudged.forEach(slot -> slot.refuse(reason));
    observer.died(name, cause);
  }

  private void run(List<Slot<I, O>> batch) {
    long takenAt = nanoClock.getAsLong();
    runNext(batch);
    for (List<Slot<I, O>> part = next(); !part.isEmpty(); part = next()) {
      try {
        long calledAt = nanoClock.getAsLong();
        List<O> outputs = device.run(items(part));
        queue.largestBatch().ran(part.size(), nanoClock.getAsLong() - calledAt);
        answer(part, outputs, takenAt);
      } catch (DeviceException failure) {
        switch (failure.kind()) {
          case OUT_OF_MEMORY -> outOfMemory(part, failure);
          case GONE -> throw failure;
        }
      } catch (RuntimeException failure) {
        failed(part, failure);
      } finally {
        returned();
      }
    }
  }

  /** The part to be run next, as many of its items as are wanted and fit; it is on the device. */
  private List<Slot<I, O>> next() {
    Instant now = clock.instant();
    lock.lock();
    try {
      onDevice = List.of();
      while (!parts.isEmpty()) {
        List<Slot<I, O>> part = wanted(parts.removeFirst(), now);
        int most = queue.largestBatch().now();
        if (part.size() > most) {
          parts.addFirst(part.subList(most, part.size()));
          part = part.subList(0, most);
        }
        if (!part.isEmpty()) {
          onDevice = part;
          calledAt = nanoClock.getAsLong();
          return part;
        }
      }
      return List.of();
    } finally {
      lock.unlock();
    }
  }

  /** A loop, as {@link #items} is: at one item a batch a stream costs more than all the rest. */
  private static <I, O> List<Slot<I, O>> wanted(List<Slot<I, O>> part, Instant now) {
    List<Slot<I, O>> wanted = new ArrayList<>(part.size());
    for (Slot<I, O> slot : part) {
      if (slot.isWanted(now)) {
        wanted.add(slot);
      }
    }
    return wanted;
  }

  private static <I, O> List<I> items(List<Slot<I, O>> part) {
    List<I> items = new ArrayList<>(part.size());
    for (Slot<I, O> slot : part) {
      items.add(slot.item);
    }
    return Collections.unmodifiableList(items);
  }

  /** The device call has ended, well or not; what it failed on is still the lane's to refuse. */
  private void returned() {
    Duration took;
    boolean wasWedged;
    lock.lock();
    try {
      took = running();
      wasWedged = wedged;
      wedged = false;
      calledAt = nanoClock.getAsLong();
    } finally {
      lock.unlock();
    }
    if (wasWedged) {
      observer.cameBack(name, took);
    }
  }

  private void answer(List<Slot<I, O>> part, List<O> outputs, long takenAt) {
    if (outputs.size() != part.size()) {
      throw new TaskException(
          ErrorCode.INTERNAL,
          "%s gave %d outputs for %d items"
              .formatted(settings.name(), outputs.size(), part.size()));
    }
    Duration ran = Duration.ofNanos(nanoClock.getAsLong() - takenAt);
    if (part.size() == 1) {
      handOut(part, outputs, takenAt, ran);
    } else {
      // Waking many callers takes longer than starting one thread that does, and the device waits.
      Thread _ = Thread.startVirtualThread(() -> handOut(part, outputs, takenAt, ran));
    }
  }

  private void handOut(List<Slot<I, O>> part, List<O> outputs, long takenAt, Duration ran) {
    for (int i = 0; i < part.size(); i++) {
      Slot<I, O> slot = part.get(i);
      Duration waited = Duration.ofNanos(takenAt - slot.submittedAt);
      slot.answer(new Batched<>(outputs.get(i), part.size(), waited, ran));
    }
  }

  private void failed(List<Slot<I, O>> part, RuntimeException failure) {
    if (part.size() == 1) {
      failedAlone(part, failure);
      return;
    }
    int half = part.size() / 2;
    runNext(part.subList(half, part.size()));
    runNext(part.subList(0, half));
  }

  /** The first time it may have been the device's doing; the item is tried again, still alone. */
  private void failedAlone(List<Slot<I, O>> part, RuntimeException failure) {
    Slot<I, O> slot = part.getFirst();
    if (slot.failedAlone) {
      slot.refuse(failure);
    } else {
      slot.failedAlone = true;
      runNext(part);
    }
  }

  /**
   * An item that does not fit by itself is not to blame: how much memory there is depends on who
   * else uses the device. So its request may be tried again, later or elsewhere.
   */
  private void outOfMemory(List<Slot<I, O>> part, DeviceException failure) {
    int limit = queue.largestBatch().outOfMemory(part.size());
    observer.outOfMemory(name, part.size(), limit, failure);
    if (part.size() == 1) {
      part.getFirst()
          .refuse(
              new TaskException(
                  ErrorCode.INTERNAL,
                  "the device has no memory for this image alone: " + failure.getMessage(),
                  failure));
    } else {
      runNext(part);
    }
  }

  private void runNext(List<Slot<I, O>> part) {
    lock.lock();
    try {
      parts.addFirst(part);
    } finally {
      lock.unlock();
    }
  }
}

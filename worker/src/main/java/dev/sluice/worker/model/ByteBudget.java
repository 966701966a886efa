package dev.sluice.worker.model;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Bounds the bytes that requests hold in memory. Safe for any thread.
 *
 * <p>First come, first served: a large reservation is not overtaken for ever by small ones. To rule
 * out deadlock a request reserves all it needs to wait for in one call, while it holds nothing else
 * that it waited for. One reservation larger than the whole budget is let in when it is alone.
 */
public final class ByteBudget {
  private static final Duration FOR_EVER = Duration.ofNanos(Long.MAX_VALUE);

  private final long capacity;
  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private final Queue<Condition> waiting = new ArrayDeque<>();

  @GuardedBy("lock")
  private long inUse;

  /**
   * @param capacity in bytes, positive
   */
  public ByteBudget(long capacity) {
    if (capacity <= 0) {
      throw new IllegalArgumentException("capacity is not positive: " + capacity);
    }
    this.capacity = capacity;
  }

  /** How much there is in all, in bytes. */
  public long capacity() {
    return capacity;
  }

  /** How much is reserved now, in bytes. */
  public long inUse() {
    lock.lock();
    try {
      return inUse;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until {@code bytes} are free and reserves them.
   *
   * @throws InterruptedException when interrupted while waiting; nothing is reserved then
   */
  public Reservation reserve(long bytes) throws InterruptedException {
    try {
      return reserve(bytes, FOR_EVER);
    } catch (TimeoutException e) {
      throw new IllegalStateException("for ever has passed", e);
    }
  }

  /**
   * Waits no longer than {@code atMost} until {@code bytes} are free and reserves them.
   *
   * @throws TimeoutException when they were not free in time; nothing is reserved then
   * @throws InterruptedException when interrupted while waiting; nothing is reserved then
   */
  public Reservation reserve(long bytes, Duration atMost)
      throws InterruptedException, TimeoutException {
    requireNotNegative(bytes);
    long nanos = atMost.compareTo(FOR_EVER) < 0 ? atMost.toNanos() : Long.MAX_VALUE;
    lock.lockInterruptibly();
    try {
      if (!waiting.isEmpty() || !fits(bytes)) {
        Condition turn = lock.newCondition();
        waiting.add(turn);
        try {
          while (!turn.equals(waiting.peek()) || !fits(bytes)) {
            if (nanos <= 0) {
              throw new TimeoutException(bytes + " bytes were not free in " + atMost);
            }
            nanos = turn.awaitNanos(nanos);
          }
        } finally {
          waiting.remove(turn);
          signalFirst();
        }
      }
      inUse += bytes;
      return new Reservation(bytes);
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private boolean fits(long bytes) {
    return inUse == 0 || inUse + bytes <= capacity;
  }

  @GuardedBy("lock")
  private void signalFirst() {
    Condition first = waiting.peek();
    if (first != null) {
      first.signal();
    }
  }

  private void release(long bytes) {
    lock.lock();
    try {
      inUse -= bytes;
      signalFirst();
    } finally {
      lock.unlock();
    }
  }

  private static void requireNotNegative(long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException("bytes is negative: " + bytes);
    }
  }

  /** Bytes held by one request. Owned by one thread at a time. */
  public final class Reservation implements AutoCloseable {
    private long held;

    private Reservation(long bytes) {
      held = bytes;
    }

    /** Gives back all but {@code bytes}; does nothing when fewer are held. */
    public void shrinkTo(long bytes) {
      requireNotNegative(bytes);
      if (bytes < held) {
        release(held - bytes);
        held = bytes;
      }
    }

    /** Gives everything back; a second call does nothing. */
    @Override
    public void close() {
      shrinkTo(0);
    }
  }
}

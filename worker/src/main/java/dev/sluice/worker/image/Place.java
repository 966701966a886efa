package dev.sluice.worker.image;

import java.util.concurrent.Semaphore;

/**
 * One image's place among those that have been fetched, or are being fetched, and are not answered
 * yet. Owned by one thread at a time.
 *
 * <p>There are only so many places, because fetching is often faster than what comes after it, and
 * an image that is fetched long before its turn only fills memory: its bytes have left the
 * processor's caches by then, and the collector has copied them. How many bytes are in flight is
 * bounded elsewhere, for large images; this is for many small ones.
 */
final class Place implements AutoCloseable {
  private static final Semaphore NOBODY_WAITS = new Semaphore(0);

  private final Semaphore free;
  private boolean held;

  private Place(Semaphore free, boolean held) {
    this.free = free;
    this.held = held;
  }

  /** One that was acquired. */
  static Place acquired(Semaphore free) {
    return new Place(free, true);
  }

  /** Of an image that takes nobody's place, since it came with its request. */
  static Place none() {
    return new Place(NOBODY_WAITS, false);
  }

  /** The same place for somebody else to give back. */
  Place handedOver() {
    Place other = new Place(free, held);
    held = false;
    return other;
  }

  /** Gives it back; a second call does nothing. */
  @Override
  public void close() {
    if (held) {
      held = false;
      free.release();
    }
  }
}

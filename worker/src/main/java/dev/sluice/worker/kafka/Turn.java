package dev.sluice.worker.kafka;

import java.util.concurrent.CountDownLatch;

/**
 * A record's place behind another of its key. Its own thread waits for the turn and says when it is
 * over; the thread of the next one waits for that.
 */
final class Turn {
  private final CountDownLatch before;
  private final CountDownLatch over = new CountDownLatch(1);

  private Turn(CountDownLatch before) {
    this.before = before;
  }

  /** The turn of a record that is behind nobody. */
  static Turn first() {
    return new Turn(new CountDownLatch(0));
  }

  /** The turn that comes when this one is over. */
  Turn next() {
    return new Turn(over);
  }

  /** Whether the record before it, if there is one, is through. */
  boolean hasCome() {
    return before.getCount() == 0;
  }

  void await() throws InterruptedException {
    before.await();
  }

  /** All that the record led to is stored; nothing changes when it was said before. */
  void over() {
    over.countDown();
  }
}

package dev.sluice.worker.kafka;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many records this worker handles at the moment, and how many of them wait behind others of
 * their key. Safe for any thread.
 */
public final class FlightCount {
  private final AtomicInteger inFlight = new AtomicInteger();
  private final AtomicInteger behindOthers = new AtomicInteger();

  void begin() {
    inFlight.incrementAndGet();
  }

  void end() {
    inFlight.decrementAndGet();
  }

  void beginBehindOthers() {
    behindOthers.incrementAndGet();
  }

  void endBehindOthers() {
    behindOthers.decrementAndGet();
  }

  /**
   * Whether a send that waits may gain by it: no record waits for an acknowledgement of another's,
   * and one may follow with something to send.
   *
   * @param sends that are not acknowledged, one for a record in flight
   */
  boolean maySendsWait(int sends) {
    return behindOthers.get() == 0 && sends < inFlight.get();
  }
}

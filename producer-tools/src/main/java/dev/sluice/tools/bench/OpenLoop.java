package dev.sluice.tools.bench;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Sends at times that were planned beforehand, whether or not answers come: as independent senders
 * do (a Poisson process). A request that is sent late counts from when it was to be sent, so that a
 * system that stands still cannot hide behind a sender that waits for it (coordinated omission).
 */
final class OpenLoop {
  private final Requests requests;
  private final double perSecond;
  private final SplittableRandom random;

  OpenLoop(Requests requests, double perSecond, long seed) {
    this.requests = requests;
    this.perSecond = perSecond;
    this.random = new SplittableRandom(seed);
  }

  /** Sends for so long and returns how many were sent. */
  long run(Duration duration) throws InterruptedException {
    double nanosPerRequest = TimeUnit.SECONDS.toNanos(1) / perSecond;
    long begun = System.nanoTime();
    double planned = 0;
    long sent = 0;
    while (true) {
      // Time between two events of a Poisson process.
      planned += -Math.log(1 - random.nextDouble()) * nanosPerRequest;
      if (planned >= duration.toNanos()) {
        return sent;
      }
      long at = begun + (long) planned;
      waitUntil(at);
      requests.send(at);
      sent++;
    }
  }

  private static void waitUntil(long nanos) throws InterruptedException {
    long left = nanos - System.nanoTime();
    while (left > 0) {
      LockSupport.parkNanos(left);
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      left = nanos - System.nanoTime();
    }
  }
}

package dev.sluice.tools.dlt;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Makes Ctrl-C, SIGTERM and SIGHUP a request to stop in order, which gets ten seconds. Safe for any
 * thread.
 */
final class Interruption implements AutoCloseable {
  private static final long LIMIT_SECONDS = 10;

  private final CountDownLatch requested = new CountDownLatch(1);
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Thread hook = Thread.ofPlatform().name("stop").unstarted(this::holdUpTheEnd);

  private Interruption() {}

  /** Listens until it is closed. */
  static Interruption listen() {
    Interruption interruption = new Interruption();
    Runtime.getRuntime().addShutdownHook(interruption.hook);
    return interruption;
  }

  boolean isRequested() {
    return requested.getCount() == 0;
  }

  /** Waits for so long, or until a stop is requested, and says whether it is. */
  boolean await(long nanos) throws InterruptedException {
    return requested.await(nanos, TimeUnit.NANOSECONDS);
  }

  private void holdUpTheEnd() {
    requested.countDown();
    try {
      boolean _ = stopped.await(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** All is in order: the process may end. */
  @Override
  public void close() {
    stopped.countDown();
    if (!isRequested()) {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        // The signal came this moment; the hook finds that all is done.
        requested.countDown();
      }
    }
  }
}

package dev.sluice.worker;

import java.util.concurrent.CompletableFuture;

/**
 * That this process is to end. While the worker starts, its thread waits for brokers or reads files
 * and is interrupted; afterwards it only learns of the request, since an interrupt would cut short
 * the drain that it asks for. Safe for any thread.
 */
final class StopRequest {
  private final Thread starter;
  private final CompletableFuture<Void> made = new CompletableFuture<>();
  private boolean starting = true;

  private StopRequest(Thread starter) {
    this.starter = starter;
  }

  /** A request that interrupts this thread when it is made, until {@link #interruptNoMore}. */
  static StopRequest interrupting(Thread starter) {
    return new StopRequest(starter);
  }

  /** Makes it. Once is enough. */
  synchronized void make() {
    if (made.complete(null) && starting) {
      starter.interrupt();
    }
  }

  /**
   * Ends the interrupting; called on the starter's own thread, which is not interrupted after it.
   */
  synchronized void interruptNoMore() {
    starting = false;
    Thread.interrupted();
  }

  /** Completes when it is made. */
  CompletableFuture<Void> made() {
    return made.copy();
  }
}

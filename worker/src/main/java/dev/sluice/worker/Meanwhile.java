package dev.sluice.worker;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Work that is done on a thread of its own until its result is needed. Any thread may wait for it.
 *
 * @param <T> what comes of it
 */
final class Meanwhile<T> implements AutoCloseable {
  private final FutureTask<T> task;

  private Meanwhile(FutureTask<T> task) {
    this.task = task;
  }

  /** What is done; it ends soon after it is interrupted. */
  @FunctionalInterface
  interface Work<T> {
    T run() throws InterruptedException;
  }

  /**
   * Begins it.
   *
   * @param name of its thread
   */
  static <T> Meanwhile<T> begin(String name, Work<T> work) {
    FutureTask<T> task = new FutureTask<>(work::run);
    // A worker that does not start ends without waiting for it.
    Thread.ofPlatform().daemon().name(name).start(task);
    return new Meanwhile<>(task);
  }

  /** Waits for its result, or throws what it threw. */
  T await() throws InterruptedException {
    try {
      return task.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case RuntimeException unchecked -> throw unchecked;
        case Error error -> throw error;
        case null, default -> throw new IllegalStateException(e);
      }
    }
  }

  /** Interrupts it, if it has not ended. */
  @Override
  public void close() {
    task.cancel(true);
  }
}

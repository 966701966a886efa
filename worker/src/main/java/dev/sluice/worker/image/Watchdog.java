package dev.sluice.worker.image;

import dev.sluice.worker.model.TaskException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * Ends what a socket's own timeouts do not: a server that sends one byte now and then keeps every
 * read short and the whole for ever. When a fetch's time is over its connection is cut, and the
 * read that waits on it fails. Safe for any thread.
 */
final class Watchdog implements AutoCloseable {
  private final ScheduledThreadPoolExecutor timer;

  Watchdog() {
    timer =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("fetch-watchdog").factory());
    timer.setRemoveOnCancelPolicy(true);
  }

  /** Something that reads from a connection. */
  interface Reading<T> {
    T read() throws IOException;
  }

  /**
   * Runs {@code reading} in this thread, and {@code cut} in another when the time is over first.
   *
   * @param what "reading http://..." for messages
   * @param cut makes {@code reading} fail soon; called at most once, and never after this returns
   * @throws TaskException as {@link TimeLimit#expired} when the time was over
   * @throws IOException what {@code reading} threw in time
   */
  <T> T guard(TimeLimit limit, Supplier<String> what, Runnable cut, Reading<T> reading)
      throws InterruptedException, IOException {
    Duration remaining = limit.remaining();
    if (!remaining.isPositive()) {
      throw limit.expired(what.get());
    }
    AtomicReference<State> state = new AtomicReference<>(State.RUNNING);
    ScheduledFuture<?> alarm =
        timer.schedule(
            () -> {
              if (state.compareAndSet(State.RUNNING, State.CUT)) {
                // Closing a connection may wait for a lock; the timer must not.
                Thread.startVirtualThread(cut);
              }
            },
            remaining.toNanos(),
            TimeUnit.NANOSECONDS);
    try {
      T result = reading.read();
      if (!state.compareAndSet(State.RUNNING, State.DONE)) {
        throw limit.expired(what.get());
      }
      return result;
    } catch (IOException e) {
      if (!state.compareAndSet(State.RUNNING, State.DONE)) {
        throw expired(limit, what, e);
      }
      boolean interrupted = e instanceof InterruptedIOException && !isTimeout(e);
      if (Thread.interrupted() || interrupted) {
        InterruptedException interruption =
            new InterruptedException("interrupted while " + what.get());
        interruption.initCause(e);
        throw interruption;
      }
      throw e;
    } catch (IllegalStateException e) {
      // HttpClient's word for having been cut after it got a connection and before it used it.
      if (!state.compareAndSet(State.RUNNING, State.DONE)) {
        throw expired(limit, what, e);
      }
      throw e;
    } finally {
      state.compareAndSet(State.RUNNING, State.DONE);
      alarm.cancel(false);
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }

  private static TaskException expired(TimeLimit limit, Supplier<String> what, Exception cause) {
    TaskException expired = limit.expired(what.get());
    expired.addSuppressed(cause);
    return expired;
  }

  /** Both are InterruptedIOExceptions by inheritance, and no interrupt. */
  private static boolean isTimeout(IOException e) {
    return e instanceof SocketTimeoutException
        || e instanceof org.apache.hc.core5.http.ConnectionRequestTimeoutException
        || e instanceof org.apache.hc.client5.http.ConnectTimeoutException;
  }

  private enum State {
    RUNNING,
    DONE,
    CUT
  }
}

package dev.sluice.worker.image;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Calls back when a time has passed. Safe for any thread. */
interface Alarms extends AutoCloseable {
  /** Calls {@code callback}, which must not block, after {@code delay}. */
  void after(Duration delay, Runnable callback);

  /** Calls nobody back any more. */
  @Override
  void close();

  /** Alarms by the system's clock, on a thread of their own. */
  static Alarms system() {
    ScheduledThreadPoolExecutor timer =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("fetch-alarms").factory());
    timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    timer.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
    return new OnThread(timer);
  }

  /** Alarms on the thread of an executor. */
  record OnThread(ScheduledThreadPoolExecutor timer) implements Alarms {
    private static final Logger LOG = LoggerFactory.getLogger(Alarms.class);

    @Override
    public void after(Duration delay, Runnable callback) {
      Future<?> _ = timer.schedule(() -> ring(callback), delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public void close() {
      timer.shutdown();
    }

    private static void ring(Runnable callback) {
      try {
        callback.run();
      } catch (RuntimeException | Error e) {
        LOG.error("what an alarm was set for failed", e);
      }
    }
  }
}

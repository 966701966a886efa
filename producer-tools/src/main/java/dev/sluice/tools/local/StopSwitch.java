package dev.sluice.tools.local;

import dev.sluice.worker.TerminationSignals;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * What SIGINT, SIGTERM and SIGHUP mean for a command that runs other processes: while they are
 * starting or busy with the command's own work, the end of all at once; when the command merely
 * keeps them, a request to end in order. A second signal ends the JVM at once. Safe for any thread.
 */
public final class StopSwitch {
  private static final int KILLED_TWICE = 130;

  private final int exitCode;
  private final Consumer<String> progress;
  private final AtomicBoolean heard = new AtomicBoolean();
  private final CountDownLatch requested = new CountDownLatch(1);

  /** Written by the command's thread, read by the signal's. */
  private volatile boolean keeping;

  private StopSwitch(int exitCode, Consumer<String> progress) {
    this.exitCode = exitCode;
    this.progress = progress;
  }

  /**
   * Listens from now on.
   *
   * @param exitCode what the process says when it ends at once
   */
  public static StopSwitch install(int exitCode, Consumer<String> progress) {
    StopSwitch stop = new StopSwitch(exitCode, progress);
    TerminationSignals.onEach(stop::request);
    return stop;
  }

  private void request() {
    if (heard.getAndSet(true)) {
      Runtime.getRuntime().halt(KILLED_TWICE);
    }
    requested.countDown();
    if (!keeping) {
      progress.accept("interrupted: stopping everything");
      // The hooks of devstack end the processes and delete their folders.
      System.exit(exitCode);
    }
  }

  /** From now on a signal is only a request. */
  public void keep() {
    keeping = true;
  }

  /**
   * Whether everything is being ended at once: what the command's own thread meets then (servers
   * that are gone, logs that are deleted) is no news.
   */
  public boolean endsAtOnce() {
    return !keeping && requested.getCount() == 0;
  }

  /** Waits for a signal, for so long at most, and says whether one has come. */
  public boolean awaitRequest(long millis) throws InterruptedException {
    return requested.await(millis, TimeUnit.MILLISECONDS);
  }
}

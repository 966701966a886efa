package dev.sluice.devstack;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;

/**
 * Runs what was registered when the JVM ends in order, the latest first: servers end before the
 * folders they write to are deleted. Safe for any thread.
 */
final class AtExit {
  private static final Object LOCK = new Object();

  @GuardedBy("LOCK")
  private static final SequencedSet<Runnable> ACTIONS = new LinkedHashSet<>();

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(AtExit::runAll, "devstack-exit"));
  }

  private AtExit() {}

  static void register(Runnable action) {
    synchronized (LOCK) {
      ACTIONS.add(action);
    }
  }

  static void remove(Runnable action) {
    synchronized (LOCK) {
      ACTIONS.remove(action);
    }
  }

  private static void runAll() {
    List<Runnable> actions;
    synchronized (LOCK) {
      actions = new ArrayList<>(ACTIONS.reversed());
    }
    for (Runnable action : actions) {
      try {
        action.run();
      } catch (RuntimeException e) {
        // The others must run all the same. No logger: it may have been shut down.
        System.err.println("while ending: " + e);
      }
    }
  }
}

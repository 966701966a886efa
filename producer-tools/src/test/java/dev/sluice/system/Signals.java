package dev.sluice.system;

import java.io.IOException;
import java.io.UncheckedIOException;

/** Stops processes in their tracks and lets them go on. Safe for any thread. */
final class Signals {
  private Signals() {}

  /** SIGSTOP: the process does nothing more, and does not know. */
  static void stop(long pid) {
    send("STOP", pid);
  }

  /** SIGCONT: it goes on as if no time had passed. */
  static void resume(long pid) {
    send("CONT", pid);
  }

  private static void send(String signal, long pid) {
    try {
      Process kill =
          new ProcessBuilder("kill", "-" + signal, String.valueOf(pid)).inheritIO().start();
      if (kill.waitFor() != 0) {
        throw new AssertionError("kill -%s %d failed".formatted(signal, pid));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot run kill", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}

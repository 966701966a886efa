package dev.sluice.devstack;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Waits for servers to answer. Blocks the calling thread; safe for any thread. */
final class Readiness {
  /** Generous: a busy machine with two cores starts seven servers at once. */
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private Readiness() {}

  /**
   * Returns once {@code ready} holds.
   *
   * @throws ServerException when the server dies first, time runs out, or the caller is interrupted
   */
  static void await(Server server, BooleanSupplier ready) {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (!ready.getAsBoolean()) {
      if (!server.isAlive()) {
        throw new ServerException(
            "%s ended while starting; its log ends with:%n%s"
                .formatted(server.name(), server.logTail()));
      }
      if (System.nanoTime() > deadline) {
        throw new ServerException(
            "%s does not answer after %d s; its log ends with:%n%s"
                .formatted(server.name(), LIMIT.toSeconds(), server.logTail()));
      }
      pause(server);
    }
  }

  /** Whether something accepts connections at a loopback port. */
  static boolean accepts(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
      return true;
    } catch (IOException e) {
      return false; // Refused: not yet.
    }
  }

  private static void pause(Server server) {
    try {
      TimeUnit.NANOSECONDS.sleep(POLL_NANOS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServerException("interrupted while waiting for " + server.name(), e);
    }
  }
}

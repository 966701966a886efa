package dev.sluice.devstack;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.security.SecureRandom;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Picks free loopback ports. Safe for any thread. */
public final class Ports {
  /**
   * Below 32768, where Linux takes the local ports of outgoing connections from by default: a port
   * that is free now is then not taken by a client while its server is down.
   */
  private static final int FIRST = 20_000;

  private static final int LAST = 32_000;

  /**
   * Which part of them this JVM draws from. Tests that run side by side draw from different ones,
   * since a port whose server is down looks free to all but the JVM that it was given to; whatever
   * else runs draws from the first part.
   */
  private static final int PART = Integer.getInteger("sluice.ports.part", 0);

  private static final int PARTS = 4;
  private static final int TRIES = 1_000;
  private static final SecureRandom RANDOM = new SecureRandom();

  /** A server takes a moment to bind its port, in which it looks free still. */
  private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

  private Ports() {}

  /** A port that is free now and has not been given to anybody in this JVM. */
  public static int free() {
    int size = (LAST - FIRST) / PARTS;
    int first = FIRST + Math.floorMod(PART, PARTS) * size;
    for (int i = 0; i < TRIES; i++) {
      int port = RANDOM.nextInt(first, first + size);
      if (GIVEN.add(port) && isFree(port)) {
        return port;
      }
    }
    throw new IllegalStateException(
        "no fresh free loopback port between %d and %d after %d tries"
            .formatted(first, first + size, TRIES));
  }

  /** {@code wanted} when it is free, else another; 0 asks for any. */
  static int preferring(int wanted) {
    return wanted != 0 && isFree(wanted) ? wanted : free();
  }

  /** Whether nothing listens on a loopback port; 0 stands for any and is free. */
  public static boolean isFree(int port) {
    try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return probe.isBound();
    } catch (IOException e) {
      return false; // Taken: that is the answer, not a failure.
    }
  }
}

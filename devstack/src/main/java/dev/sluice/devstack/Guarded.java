package dev.sluice.devstack;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.util.Arrays;

/**
 * The entry point of every server process: ends the process when whoever started it is gone.
 *
 * <p>The parent holds the other end of standard input and never writes to it, so its end, by
 * whatever signal, is the end of the stream here. Uses nothing but the JDK: the server's own class
 * path follows.
 */
public final class Guarded {
  private Guarded() {}

  /**
   * Watches the parent and runs a server's own entry point.
   *
   * @param arguments the server's main class, then its arguments
   */
  public static void main(String[] arguments) throws ReflectiveOperationException {
    Thread.ofPlatform().daemon().name("parent-watch").start(Guarded::haltWithParent);
    Method main = Class.forName(arguments[0]).getMethod("main", String[].class);
    String[] rest = Arrays.copyOfRange(arguments, 1, arguments.length);
    main.invoke(null, (Object) rest);
  }

  private static void haltWithParent() {
    InputStream fromParent = System.in;
    try {
      while (fromParent.read() >= 0) {
        // Nothing is expected; only the end counts.
      }
    } catch (IOException e) {
      System.err.println("cannot watch the parent process, ending: " + e);
    }
    // Not exit(): nobody is left who waits for an orderly shutdown, and its hooks may hang.
    Runtime.getRuntime().halt(1);
  }
}

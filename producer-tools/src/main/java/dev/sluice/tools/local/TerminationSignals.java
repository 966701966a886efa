package dev.sluice.tools.local;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Hands SIGINT (Ctrl-C), SIGTERM and SIGHUP to the program, where a shutdown hook would run beside
 * the hooks that end the servers, in no order, and the JVM would report the signal as its exit
 * code.
 *
 * <p>Through reflection, as Kafka does it: {@code sun.misc.Signal} is in the JDK's supported module
 * {@code jdk.unsupported}, but naming it is a warning that cannot be switched off.
 */
final class TerminationSignals {
  private static final int KILLED_TWICE = 130;

  private TerminationSignals() {}

  /**
   * Runs {@code action} on a thread of its own at the first signal. The second one ends the JVM at
   * once.
   */
  static void onFirst(Runnable action) {
    AtomicBoolean heard = new AtomicBoolean();
    Runnable handle =
        () -> {
          if (heard.getAndSet(true)) {
            Runtime.getRuntime().halt(KILLED_TWICE);
          }
          action.run();
        };
    for (String name : List.of("INT", "TERM", "HUP")) {
      install(name, handle);
    }
  }

  private static void install(String name, Runnable handle) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object proxy =
          Proxy.newProxyInstance(
              handler.getClassLoader(),
              new Class<?>[] {handler},
              (self, method, arguments) -> {
                if (method.getName().equals("handle")) {
                  handle.run();
                }
                return null;
              });
      Object _ =
          signal
              .getMethod("handle", signal, handler)
              .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IllegalArgumentException) {
        return; // This system has no such signal, or has it ignored: then it does not come.
      }
      throw new IllegalStateException("cannot listen to SIG" + name, e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this JVM has no signals: " + e, e);
    }
  }
}

package dev.sluice.worker;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;

/**
 * Hands SIGINT (Ctrl-C), SIGTERM and SIGHUP to the program. Without it they start the JVM's
 * shutdown hooks, which run beside each other in no order: libraries take themselves down in theirs
 * (ONNX Runtime frees its environment, and aborts the process when a model is being loaded) while
 * the program still uses them, and the JVM reports the signal as its exit code.
 *
 * <p>Through reflection, as Kafka does it: {@code sun.misc.Signal} is in the JDK's supported module
 * {@code jdk.unsupported}, but naming it is a warning that cannot be switched off.
 */
public final class TerminationSignals {
  private TerminationSignals() {}

  /**
   * Runs {@code action} at every signal from now on, each time on a new thread.
   *
   * @throws IllegalStateException when this JVM has no signals
   */
  public static void onEach(Runnable action) {
    for (String name : List.of("INT", "TERM", "HUP")) {
      install(name, action);
    }
  }

  private static void install(String name, Runnable action) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object proxy =
          Proxy.newProxyInstance(
              handler.getClassLoader(),
              new Class<?>[] {handler},
              (self, method, arguments) -> {
                if (method.getName().equals("handle")) {
                  action.run();
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

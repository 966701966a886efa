package dev.sluice.tools;

import java.io.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What is at the other end of the standard streams. */
public final class Terminal {
  private static final Path STDERR = Path.of("/proc/self/fd/2");

  private Terminal() {}

  private static boolean isConsole(@Nullable Console console) {
    return console != null && console.isTerminal();
  }

  /**
   * Whether stderr is a terminal, where a line can be drawn over. Java only knows whether all three
   * streams are one, so where the system shows the file behind the descriptor that is asked.
   */
  public static boolean isStderr() {
    if (Files.isSymbolicLink(STDERR)) {
      try {
        String target = Files.readSymbolicLink(STDERR).toString();
        return target.startsWith("/dev/pts/")
            || target.startsWith("/dev/tty")
            || target.equals("/dev/console");
      } catch (IOException e) {
        return false;
      }
    }
    return isConsole(System.console());
  }
}

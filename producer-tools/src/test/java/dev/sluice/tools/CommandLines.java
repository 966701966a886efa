package dev.sluice.tools;

import java.io.PrintWriter;
import java.io.StringWriter;

/** Runs commands for tests as the shell would. */
public final class CommandLines {
  private CommandLines() {}

  /** What a command said and how it ended. */
  public record Run(int exit, String out, String err) {}

  /** Runs a command in this JVM. */
  public static Run run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exit =
        Sluice.commandLine()
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(arguments);
    return new Run(exit, out.toString(), err.toString());
  }
}

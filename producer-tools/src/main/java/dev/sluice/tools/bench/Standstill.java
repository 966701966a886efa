package dev.sluice.tools.bench;

import dev.sluice.devstack.ServerException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Processes that stand still (SIGSTOP) until this is closed (SIGCONT): what was under way in them
 * goes on then as if nothing had been, and meanwhile they take no processor time from anybody. A
 * process of its own sends the signals: should this JVM be killed, its standard input ends and they
 * go on, where they would stand for ever. Used by one thread.
 */
final class Standstill implements AutoCloseable {
  private static final List<String> HELPER =
      List.of(
          "/bin/sh",
          "-c",
          "trap '' INT HUP; kill -STOP \"$@\" || exit 1; echo stopped; read -r _; kill -CONT \"$@\""
              + " 2>&-",
          "sh");

  private final Process helper;

  private Standstill(Process helper) {
    this.helper = helper;
  }

  /**
   * Stops them.
   *
   * @param processes their ids
   * @throws ServerException when one of them is not there
   */
  static Standstill of(List<Long> processes) {
    List<String> command = new ArrayList<>(HELPER);
    processes.forEach(process -> command.add(String.valueOf(process)));
    try {
      Process helper =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      Standstill standstill = new Standstill(helper);
      BufferedReader said = helper.inputReader(StandardCharsets.UTF_8);
      if (said.readLine() == null) {
        standstill.close();
        throw new ServerException("cannot stop the processes " + processes);
      }
      return standstill;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot run a shell", e);
    }
  }

  /** Lets them go on. */
  @Override
  public void close() {
    try {
      helper.getOutputStream().close();
      int _ = helper.waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot tell the shell to go on", e);
    } catch (InterruptedException e) {
      // The shell does its part all the same.
      Thread.currentThread().interrupt();
    }
  }
}

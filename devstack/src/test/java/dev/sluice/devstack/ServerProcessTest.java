package dev.sluice.devstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class ServerProcessTest {
  private static final Path CLASSES = Path.of("target", "test-classes").toAbsolutePath();

  @TempDir Path folder;

  @Test
  void aServerThatDiesAtItsStartLeavesTheEndOfItsLogInTheError() {
    try (Server server = process("dies")) {
      server.start();
      assertThatExceptionOfType(ServerException.class)
          .isThrownBy(() -> Readiness.await(server, () -> false))
          .withMessageContaining("dies ended while starting")
          .withMessageContaining("line 200")
          .withMessageNotContainingAny("line 1 ");
    }
  }

  @Test
  void stopsInOrderAndStartsAgain() {
    try (Server server = process("waits")) {
      server.start();
      Readiness.await(server, () -> server.logTail().contains("up"));
      server.stop();
      assertThat(server.isAlive()).isFalse();
      assertThat(server.logTail()).endsWith("stopped in order");
      server.start();
      server.kill();
      assertThat(server.isAlive()).isFalse();
    }
  }

  @Test
  void aServerEndsWhenItsParentIsKilled() throws Exception {
    Process parent =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Parent.class.getName(),
                folder.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(parent.getInputStream(), StandardCharsets.UTF_8))) {
      assertThat(out.readLine()).isEqualTo("started");
      ProcessHandle child = parent.children().findFirst().orElseThrow();
      assertThat(child.isAlive()).isTrue();
      parent.destroyForcibly().waitFor();
      child.onExit().get(30, TimeUnit.SECONDS);
      assertThat(child.isAlive()).isFalse();
    } finally {
      parent.destroyForcibly();
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void ctrlCAtTheTerminalIsTheParentsToHandle() throws Exception {
    try (Server server = process("waits")) {
      server.start();
      Readiness.await(server, () -> server.logTail().contains("up"));
      ProcessHandle child = ProcessHandle.current().children().findFirst().orElseThrow();
      String ignored =
          Files.readAllLines(Path.of("/proc", Long.toString(child.pid()), "status")).stream()
              .filter(line -> line.startsWith("SigIgn:"))
              .findFirst()
              .orElseThrow();
      // Bit 0 is SIGHUP, bit 1 SIGINT, bit 14 SIGTERM.
      long mask = Long.parseUnsignedLong(ignored.substring("SigIgn:".length()).strip(), 16);
      assertThat(mask & 0b100_0000_0000_0011L).isEqualTo(0b11);
    }
  }

  private Server process(String how) {
    return process(how, folder);
  }

  private static Server process(String how, Path folder) {
    return new ServerProcess(
        how, folder, List.of("-Xmx32m"), List.of(CLASSES), List.of(Child.class.getName(), how));
  }

  /** Starts a server and waits to be killed. */
  static final class Parent {
    private Parent() {}

    public static void main(String[] arguments) throws InterruptedException {
      try (Server server = process("waits", Path.of(arguments[0]))) {
        server.start();
        Readiness.await(server, () -> server.logTail().contains("up"));
        System.out.println("started");
        Thread.currentThread().join();
      }
    }
  }

  /** The server. */
  static final class Child {
    private Child() {}

    public static void main(String[] arguments) throws InterruptedException {
      if (arguments[0].equals("dies")) {
        for (int i = 1; i <= 200; i++) {
          System.out.println("line " + i + " of the log");
        }
        throw new IllegalStateException("cannot start");
      }
      Runtime.getRuntime()
          .addShutdownHook(new Thread(() -> System.out.println("stopped in order")));
      System.out.println("up");
      Thread.currentThread().join();
    }
  }
}

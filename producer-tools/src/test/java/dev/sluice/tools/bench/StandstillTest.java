package dev.sluice.tools.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.devstack.ServerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class StandstillTest {
  @Test
  void aProcessStandsStillUntilItMayGoOn() throws Exception {
    Process process = new ProcessBuilder("cat").start();
    try {
      try (Standstill _ = Standstill.of(List.of(process.pid()))) {
        // A signal that was sent is heeded when its process is next given a processor.
        Awaitility.await().until(() -> state(process.pid()).equals("T"));
      }
      Awaitility.await().until(() -> !state(process.pid()).equals("T"));
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void saysWhenThereIsNoSuchProcess() throws Exception {
    Process process = new ProcessBuilder("true").start();
    process.waitFor();

    assertThatThrownBy(() -> Standstill.of(List.of(process.pid())).close())
        .isInstanceOf(ServerException.class)
        .hasMessageContaining(String.valueOf(process.pid()));
  }

  @Test
  void compilersHaveSpentTime() {
    assertThat(CompilerTime.seconds(List.of(ProcessHandle.current().pid()))).isPositive();
  }

  private static String state(long process) throws IOException {
    String stat = Files.readString(Path.of("/proc", String.valueOf(process), "stat"));
    return stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[0];
  }
}

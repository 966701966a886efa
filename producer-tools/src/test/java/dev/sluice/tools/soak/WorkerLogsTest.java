package dev.sluice.tools.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkerLogsTest {
  private static final String LINE =
      "2026-11-20T20:26:23.312Z ERROR [soak-requests-2@369] RecordHandler {partition=2}"
          + " soak-requests-2@369 (soak-0005177) failed unexpectedly\n"
          + "    java.lang.IncompatibleClassChangeError\n";

  @TempDir private Path folder;

  @Test
  void whatFailedUnexpectedlyIsCountedInTheLogsOfAllWorkers() throws IOException {
    WorkerLogs logs = WorkerLogs.from(folder);
    Files.writeString(folder.resolve("worker-1.log"), LINE + LINE);
    Files.writeString(folder.resolve("worker-2.log"), LINE);
    Files.writeString(folder.resolve("soak.log"), LINE);

    assertThat(logs.unexpectedFailures()).isEqualTo(3);
  }

  @Test
  void whatAnEarlierSoakLeftThereIsNotThisOnes() throws IOException {
    Files.writeString(folder.resolve("worker-1.log"), LINE + LINE);
    WorkerLogs logs = WorkerLogs.from(folder);
    Files.writeString(folder.resolve("worker-1.log"), LINE, StandardOpenOption.APPEND);

    assertThat(logs.unexpectedFailures()).isEqualTo(1);
  }

  @Test
  void whatAKilledWorkerLeftIsReadAsFarAsItGoes() throws IOException {
    WorkerLogs logs = WorkerLogs.from(folder);
    Files.writeString(folder.resolve("worker-1.log"), LINE);
    Files.write(
        folder.resolve("worker-1.log"), new byte[] {'a', (byte) 0xC3}, StandardOpenOption.APPEND);
    Files.writeString(folder.resolve("worker-1.gc.log"), "GC(0)\n", StandardCharsets.UTF_8);

    assertThat(logs.unexpectedFailures()).isEqualTo(1);
  }
}

package dev.sluice.worker.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class OnnxRuntimeLibraryTest {

  /** Without the precaution this process dies of a segmentation fault, exit code 139. */
  @Test
  void aLongCommandLineDoesNotEndTheProcess() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Dlong=" + "a".repeat(50_000),
                "-cp",
                System.getProperty("java.class.path"),
                Loads.class.getName())
            .redirectErrorStream(true)
            .start();
    String said =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();

    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(said).isZero();
    assertThat(said).endsWith("loaded");
  }

  /** The other process. */
  static final class Loads {
    public static void main(String[] arguments) {
      if (OnnxRuntimeLibrary.environment() != null) {
        System.out.println("loaded");
      }
    }
  }
}

package dev.sluice.tools.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.devstack.Assets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the launcher's build does, on the jars: the JVM records no classes that lie in folders. */
class RehearseIT {
  private static final int LIMIT_MINUTES = 5;

  @TempDir private Path folder;

  @Test
  void aWorkerStartsFromWhatWasRehearsed() throws IOException, InterruptedException {
    Path cache = folder.resolve("worker.aot");

    Run rehearsal =
        java(
            List.of(),
            "dev.sluice.tools.Sluice",
            "rehearse",
            "--duration=1s",
            cache.toString(),
            "--",
            "--enable-native-access=ALL-UNNAMED");
    assertThat(rehearsal.exitCode()).as(rehearsal.output()).isZero();
    assertThat(cache).isRegularFile();

    // "on" and not "auto": a cache that does not fit is an error then.
    List<String> options = List.of("-XX:AOTMode=on", "-XX:AOTCache=" + cache);
    Run worker = java(options, "dev.sluice.worker.Main", "--help");
    assertThat(worker.exitCode()).as(worker.output()).isZero();
    assertThat(worker.output()).contains("--config");
  }

  private record Run(int exitCode, String output) {}

  private Run java(List<String> options, String mainClass, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-Dsluice.home=" + Assets.home());
    command.addAll(options);
    command.addAll(List.of("-cp", classPath(), mainClass));
    command.addAll(List.of(arguments));
    Path output = Files.createTempFile(folder, "output", ".txt");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      boolean ended = process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES);
      assertThat(ended).as("ended in time; so far: %s", Files.readString(output)).isTrue();
      return new Run(process.exitValue(), Files.readString(output));
    } finally {
      process.destroyForcibly();
    }
  }

  private static String classPath() throws IOException {
    Path target = Assets.home().resolve("producer-tools/target");
    try (Stream<Path> files = Files.list(target)) {
      Path jar =
          files
              .filter(
                  file -> file.getFileName().toString().matches("sluice-producer-tools-.*\\.jar"))
              .findFirst()
              .orElseThrow();
      return jar + ":" + target.resolve("lib") + "/*";
    }
  }
}

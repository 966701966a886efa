package dev.sluice.worker.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxRuntimeLibraryTest {

  /** Without the precaution this process dies of a segmentation fault, exit code 139. */
  @Test
  void aLongCommandLineDoesNotEndTheProcess() throws Exception {
    assertThat(saidBy(Loads.class, "-Dlong=" + "a".repeat(50_000))).endsWith("loaded");
  }

  /** Where it is not, no provider is there to be found, and auto takes the processor everywhere. */
  @Test
  void itIsLoadedBeforeSomebodyAsksForADevice() throws Exception {
    assertThat(saidBy(AsksForADevice.class)).contains("asked", "onnxruntime-");
  }

  private static String saidBy(Class<?> main, String... options) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();

    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(said).isZero();
    return said;
  }

  /** All get the one folder, whole, and nothing else stays. */
  @Test
  void theLibrariesAreUnpackedOnceForAll(@TempDir Path cache) throws Exception {
    List<Future<Path>> folders = new ArrayList<>();
    try (ExecutorService processes = Executors.newFixedThreadPool(4)) {
      for (int i = 0; i < 8; i++) {
        folders.add(processes.submit(() -> OnnxRuntimeLibrary.unpacked(cache)));
      }
    }

    Path folder = folders.getFirst().get();
    for (Future<Path> each : folders) {
      assertThat(each.get()).isEqualTo(folder);
    }
    try (Stream<Path> all = Files.list(cache)) {
      assertThat(all).containsExactly(folder);
    }
    assertThat(folder.resolve("libonnxruntime.so")).isNotEmptyFile();
    assertThat(folder.resolve("libonnxruntime4j_jni.so")).isNotEmptyFile();
  }

  @Test
  void aCacheThatCannotBeWrittenIsAnError(@TempDir Path folder) throws Exception {
    Path file = Files.createFile(folder.resolve("taken"));

    assertThatThrownBy(() -> OnnxRuntimeLibrary.unpacked(file)).isInstanceOf(IOException.class);
  }

  /** Another process. */
  static final class AsksForADevice {
    public static void main(String[] arguments) {
      boolean nobodyHas = Devices.problems(new Device.Cuda(0)).toString().contains("DefaultLogger");
      System.out.println(
          (nobodyHas ? "too early: " : "asked: ")
              + System.getProperty(OnnxRuntimeLibrary.NATIVE_PATH));
    }
  }

  /** Another process. */
  static final class Loads {
    public static void main(String[] arguments) {
      if (OnnxRuntimeLibrary.environment() != null) {
        System.out.println("loaded");
      }
    }
  }
}

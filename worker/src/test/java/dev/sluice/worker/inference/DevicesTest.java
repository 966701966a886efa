package dev.sluice.worker.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DevicesTest {
  @ParameterizedTest
  @CsvSource({
    "cpu, cpu",
    "auto, auto",
    "simulated, simulated",
    "cuda, cuda:0",
    "cuda:3, cuda:3",
    "tensorrt, tensorrt:0",
    "tensorrt:1, tensorrt:1"
  })
  void readsADevice(String text, String device) {
    assertThat(Device.parse(text)).hasToString(device);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "gpu", "cuda:", "cuda:-1", "cuda:1000", "tensorrt:a", "CPU"})
  void refusesWhatIsNone(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Device.parse(text))
        .withMessageContaining("expected cpu, cuda, cuda:N, tensorrt, tensorrt:N, auto");
  }

  @Test
  void saysEverythingThatIsMissingAndAutoTakesTheProcessor() {
    assumeFalse(NvidiaDriver.problems(0).isEmpty(), "this machine has a device");
    OnnxRuntimeLibrary.environment();

    for (Device.Nvidia device : List.of(new Device.Cuda(0), new Device.TensorRt(0))) {
      assertThat(Devices.problems(device)).hasSizeGreaterThanOrEqualTo(2);
      assertThat(Devices.problems(device).getLast())
          .contains("libonnxruntime_providers_", "-Pgpu", "ONNX Runtime says: ");
    }
    assertThat(Devices.chosen(new Device.Auto())).isEqualTo(new Device.Cpu());
    assertThat(Devices.chosen(new Device.Cuda(1))).isEqualTo(new Device.Cuda(1));
  }

  @Test
  void saysWhichDeviceThereIsNot() {
    assertThat(NvidiaDriver.missing(1, 2)).isEmpty();
    assertThat(NvidiaDriver.missing(2, 2))
        .containsExactly(
            "there is no device 2: the driver has 2, counted from 0; see nvidia-smi -L");
    assertThat(NvidiaDriver.notStarted(100)).contains("no device", "CUDA_VISIBLE_DEVICES");
    assertThat(NvidiaDriver.notStarted(803)).contains("error 803");
  }

  @Test
  void modelYamlHasTheLastWordOnOptions() {
    assertThat(Devices.cudaOptions(Map.of("cudnn_conv_algo_search", "EXHAUSTIVE", "use_tf32", "0")))
        .containsOnly(
            Map.entry("arena_extend_strategy", "kSameAsRequested"),
            Map.entry("cudnn_conv_algo_search", "EXHAUSTIVE"),
            Map.entry("use_tf32", "0"));
    assertThat(Devices.tensorRtOptions(Map.of("trt_fp16_enable", "1"), Path.of("/m/signs/3")))
        .containsEntry("trt_engine_cache_path", "/m/signs/3/tensorrt")
        .containsEntry("trt_engine_cache_enable", "1")
        .containsEntry("trt_fp16_enable", "1");
  }

  @Test
  void warmsUpEveryCommonSizeLargestFirst() {
    assertThat(sizes(1)).containsExactly(1);
    assertThat(sizes(8)).containsExactly(8, 4, 2, 1);
    assertThat(sizes(24, 6, 12)).containsExactly(24, 16, 12, 8, 6, 4, 2, 1);
  }

  private static List<Integer> sizes(int max, Integer... preferred) {
    return WarmUp.sizes(
        new BatchPolicy(
            max, List.of(preferred), Duration.ZERO, new Batching.Fixed(), Duration.ofMinutes(1)));
  }
}

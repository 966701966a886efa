package dev.sluice.worker.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.worker.inference.Normalizer.ColorOrder;
import dev.sluice.worker.inference.Normalizer.Layout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelSettingsTest {
  @TempDir Path folder;

  @Test
  void readsEveryKey() throws IOException {
    ModelSettings settings =
        read(
            """
            task: detection
            labels: [cat, 7, "no"]
            resize: {kind: letterbox, width: 640, height: 480, fill: 0}
            mean: [0.485, 0.456, 0.406]
            std: 0.5
            scale: 1/128
            layout: NHWC
            color: BGR
            normalize_in: graph
            output: scores
            activation: sigmoid
            top_k: 3
            threshold: 0.4
            iou_threshold: 1
            max_detections: 10
            normalize: l2
            max_batch_size: 32
            preferred_batch_size: 16
            max_queue_delay: 500us
            batching: adaptive
            latency_objective: 50ms
            max_call_duration: 5s
            instances: 2
            device: cuda:1
            device_options: {gpu_mem_limit: 1000000, enable_cuda_graph: false, use_tf32: '1'}
            simulated: {batch: 20ms, item: 1ms, control: faults.yaml}
            version: 3
            aliases: {stable: 2}
            """);
    Map<ModelKey<?>, Object> expected = new HashMap<>();
    expected.put(ModelKey.TASK, TaskName.DETECTION);
    expected.put(ModelKey.LABELS, List.of("cat", "7", "no"));
    expected.put(
        ModelKey.RESIZE,
        new Resize(Resize.Kind.LETTERBOX, Map.of("width", 640, "height", 480, "fill", 0)));
    expected.put(ModelKey.MEAN, List.of(0.485, 0.456, 0.406));
    expected.put(ModelKey.STD, List.of(0.5, 0.5, 0.5));
    expected.put(ModelKey.SCALE, 1.0 / 128);
    expected.put(ModelKey.LAYOUT, Layout.NHWC);
    expected.put(ModelKey.COLOR, ColorOrder.BGR);
    expected.put(ModelKey.NORMALIZE_IN, NormalizationPlace.GRAPH);
    expected.put(ModelKey.OUTPUT, "scores");
    expected.put(ModelKey.ACTIVATION, Activation.SIGMOID);
    expected.put(ModelKey.TOP_K, 3);
    expected.put(ModelKey.THRESHOLD, 0.4);
    expected.put(ModelKey.IOU_THRESHOLD, 1.0);
    expected.put(ModelKey.MAX_DETECTIONS, 10);
    expected.put(ModelKey.NORMALIZE, EmbeddingTask.Normalization.L2);
    expected.put(ModelKey.MAX_BATCH_SIZE, 32);
    expected.put(ModelKey.PREFERRED_BATCH_SIZE, List.of(16));
    expected.put(ModelKey.MAX_QUEUE_DELAY, Duration.ofNanos(500_000));
    expected.put(ModelKey.BATCHING, Batching.Kind.ADAPTIVE);
    expected.put(ModelKey.LATENCY_OBJECTIVE, Duration.ofMillis(50));
    expected.put(ModelKey.MAX_CALL_DURATION, Duration.ofSeconds(5));
    expected.put(ModelKey.INSTANCES, 2);
    expected.put(ModelKey.DEVICE, new Device.Cuda(1));
    expected.put(
        ModelKey.DEVICE_OPTIONS,
        Map.of("gpu_mem_limit", "1000000", "enable_cuda_graph", "0", "use_tf32", "1"));
    expected.put(
        ModelKey.SIMULATED,
        new SimulatedSettings(
            Duration.ofMillis(20),
            Duration.ofMillis(1),
            new SimulatedSettings.Control.At(folder.resolve("faults.yaml"))));
    expected.put(ModelKey.VERSION, 3);
    expected.put(ModelKey.ALIASES, Map.of("stable", "2"));

    assertThat(expected.keySet()).containsExactlyInAnyOrderElementsOf(ModelKey.all());
    expected.forEach((key, value) ->
        assertThat((Object) settings.get(key).orElseThrow()).as("%s", key).isEqualTo(value));
  }

  @Test
  void isSilentWithoutAFile() {
    ModelSettings settings = ModelSettings.read(folder);

    ModelKey.all().forEach(key -> assertThat(settings.get(key).isEmpty()).as("%s", key).isTrue());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "batch_size: 4 | batch_size: unknown key batch_size",
        "max-batch-size: 4 | did you mean max_batch_size?",
        "maxbatch: 4 | known to model.yaml: activation, aliases",
        "task: | task: has no value",
        "task: detect | task: expected one of classification, detection, text, embedding, tensors,"
            + " not detect; did you mean detection?",
        "top_k: 0 | top_k: expected a whole number from 1 to 100000, not 0",
        "top_k: 1.5 | top_k: expected a whole number",
        "top_k: '3' | top_k: expected a whole number",
        "threshold: 1.1 | threshold: expected a number from 0.0 to 1.0, not 1.1",
        "threshold: .nan | threshold: expected a number",
        "scale: 1/0 | scale: expected a finite number",
        "scale: 1/x | scale: expected a number or a fraction like 1/255, not 1/x",
        "scale: --/1 | scale: expected a number or a fraction like 1/255",
        "mean: [1, 2] | mean: expected three numbers",
        "labels: [] | labels: expected a list of names, or a file",
        "labels: [yes, no] | labels: a label is text, not true; write it in quotes",
        "labels: nowhere.txt | labels: no such file",
        "resize: 224 | resize: expected a map with kind",
        "resize: {width: 3} | resize: expected one of stretch, center_crop, letterbox, within",
        "resize: {kind: strech} | did you mean stretch?",
        "resize: {kind: stretch, size: 3} | resize: unknown key size",
        "resize: {kind: stretch, widht: 3} | did you mean width?",
        "resize: {kind: letterbox, fill: 256} | resize: expected a whole number from 0 to 255",
        "max_queue_delay: 5 | max_queue_delay: expected a duration like 5ms",
        "max_call_duration: 0s | max_call_duration: expected a duration above zero, not 0s",
        "max_queue_delay: 5m | max_queue_delay: expected a duration like 5ms",
        "device: gpu | device: expected cpu, cuda, cuda:N, tensorrt, tensorrt:N, auto or simulated,"
            + " not gpu",
        "device_options: fast | device_options: expected a map from the name of an option",
        "device_options: {a: [1]} | device_options: expected a plain value for a",
        "aliases: [stable] | aliases: expected a map",
        "aliases: {3: 2} | aliases: expected an alias that is not a number, not 3",
        "color: GBR | color: expected one of RGB, BGR, not GBR",
        "just text | expected keys and values, found String",
        "'a: b: c: [' | not readable as YAML",
        "'task: text\ntask: text' | not readable as YAML"
      })
  void saysWhatIsWrong(String yaml, String why) {
    assertThatThrownBy(() -> read(yaml))
        .isInstanceOf(ModelConfigurationException.class)
        .hasMessageStartingWith(folder.resolve("model.yaml").toString())
        .hasMessageContaining(why);
  }

  @Test
  void saysEverythingThatIsWrongAtOnce() {
    assertThatThrownBy(() -> read("top_k: 0\ntusk: text\ndevice: gpu\n"))
        .isInstanceOfSatisfying(
            ModelConfigurationException.class, broken -> assertThat(broken.problems()).hasSize(3));
  }

  @Test
  void aMaxQueueDelayOfZeroNeedsNoUnit() throws IOException {
    assertThat(read("max_queue_delay: 0").get(ModelKey.MAX_QUEUE_DELAY)).contains(Duration.ZERO);
  }

  private ModelSettings read(String yaml) throws IOException {
    Files.writeString(folder.resolve("model.yaml"), yaml);
    return ModelSettings.read(folder);
  }
}

package dev.sluice.worker.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.worker.inference.SimulatedSettings.Control;
import dev.sluice.worker.model.DeviceException;
import dev.sluice.worker.model.DeviceException.Kind;
import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.ModelSelector;
import dev.sluice.worker.model.Output.ClassScore;
import dev.sluice.worker.model.Output.Classification;
import dev.sluice.worker.model.TaskException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SimulatedDeviceTest {
  private static final SimulatedCost USUAL =
      new SimulatedCost(Duration.ofMillis(20), Duration.ofMillis(2));

  @TempDir private Path folder;

  private final List<Duration> pauses = new ArrayList<>();

  @Test
  void aCallTakesTheBatchsTimeAndEachItems() throws IOException {
    SimulatedDevice device = device();

    device.call(List.of("red"));
    device.call(List.of("red", "green", "blue"));
    control("slow: 1s");
    device.call(List.of("red"));

    assertThat(pauses)
        .containsExactly(Duration.ofMillis(22), Duration.ofMillis(26), Duration.ofMillis(1_022));
  }

  @Test
  void itsCostChangesUnderWay() throws IOException {
    SimulatedDevice device = device();

    control("batch: 5ms");
    device.call(List.of("red"));
    control("batch: 5ms\nitem: 0");
    device.call(List.of("red"));
    control("item: 10ms\nslow: 1s");
    device.call(List.of("red", "red"));
    Files.delete(folder.resolve("control.yaml"));
    device.call(List.of("red"));

    assertThat(pauses)
        .containsExactly(
            Duration.ofMillis(7),
            Duration.ofMillis(5),
            Duration.ofMillis(1_040),
            Duration.ofMillis(22));
  }

  @Test
  void theNextCallsFailAndThoseAfterThemDoNot() throws IOException {
    SimulatedDevice device = device();
    control("error_calls: 2");

    for (int call = 0; call < 2; call++) {
      assertThatThrownBy(() -> device.call(List.of("red"))).satisfies(SimulatedDeviceTest::failed);
    }
    device.call(List.of("red"));
    control("error_calls: 1 # again");

    assertThatThrownBy(() -> device.call(List.of("red"))).satisfies(SimulatedDeviceTest::failed);
    device.call(List.of("red"));
    assertThat(pauses).hasSize(5);
  }

  @Test
  void aPoisonedColourFailsItsBatchForAsLongAsTheFileSaysSo() throws IOException {
    SimulatedDevice device = device();
    control("poison: [red, blue]");

    for (int call = 0; call < 3; call++) {
      assertThatThrownBy(() -> device.call(List.of("green", "blue")))
          .satisfies(SimulatedDeviceTest::failed)
          .hasMessageContaining("blue");
      device.call(List.of("green"));
    }
    Files.delete(folder.resolve("control.yaml"));
    device.call(List.of("blue"));
  }

  @Test
  void aLargerBatchRunsOutOfMemory() throws IOException {
    SimulatedDevice device = device();
    control("max_batch: 2");

    device.call(List.of("red", "red"));
    assertThatThrownBy(() -> device.call(List.of("red", "red", "red")))
        .isInstanceOfSatisfying(
            DeviceException.class, e -> assertThat(e.kind()).isEqualTo(Kind.OUT_OF_MEMORY));
  }

  @Test
  void aWedgeHoldsTheNextCallOnly() throws IOException {
    SimulatedDevice device = device();
    control("wedge: 30s");

    device.call(List.of("red"));
    device.call(List.of("red"));

    assertThat(pauses).containsExactly(Duration.ofMillis(30_022), Duration.ofMillis(22));
  }

  @Test
  void goneIsForGood() throws IOException {
    SimulatedDevice device = device();
    control("gone: true");
    for (int call = 0; call < 2; call++) {
      assertThatThrownBy(() -> device.call(List.of("red")))
          .isInstanceOfSatisfying(
              DeviceException.class, e -> assertThat(e.kind()).isEqualTo(Kind.GONE));
      control("");
    }
  }

  @Test
  void whatCannotBeReadChangesNothing() throws IOException {
    SimulatedDevice device = device();
    control("slow: 1s");
    device.call(List.of("red"));
    control("slow: for ever");
    device.call(List.of("red"));

    assertThat(pauses).containsOnly(Duration.ofMillis(1_022));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "slo: 1s | unknown key slo; did you mean slow?",
        "slow: fast | slow: expected a duration",
        "error_calls: -1 | error_calls: expected a whole number",
        "poison: purple | poison: expected some of [red, green, blue], not purple",
        "gone: perhaps | gone: expected true or false",
        "gone | expected keys and values, found String",
        "'a: b: c' | not readable as YAML"
      })
  void aFaultThatDoesNotExistIsNamed(String text, String why) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SimulatedFaults.read(text, USUAL))
        .withMessageContaining(why);
  }

  @Test
  void everyFaultIsRead() {
    assertThat(SimulatedFaults.read("", USUAL))
        .isEqualTo(
            new SimulatedFaults(
                USUAL, Duration.ZERO, 0, Set.of(), Integer.MAX_VALUE, Duration.ZERO, 0, false));
    assertThat(
            SimulatedFaults.read(
                """
                batch: 1ms
                item: 1us
                slow: 5ms
                error_calls: 3
                poison: red
                max_batch: 4
                wedge: 2s
                wedge_calls: 2
                gone: true
                """,
                USUAL))
        .isEqualTo(
            new SimulatedFaults(
                new SimulatedCost(Duration.ofMillis(1), Duration.ofNanos(1_000)),
                Duration.ofMillis(5),
                3,
                Set.of("red"),
                4,
                Duration.ofSeconds(2),
                2,
                true));
  }

  @Test
  void aModelThatSaysSoIsServedWithoutAFile() throws IOException {
    Files.createDirectories(folder.resolve("colors/1"));
    Files.writeString(
        folder.resolve("colors/model.yaml"),
        "device: simulated\nsimulated: {batch: 1ms, control: ../control.yaml}\ninstances: 2\n");
    // Warming up must not use up what is meant for requests.
    control("error_calls: 1");

    try (ModelRepository repository = ModelRepository.open(folder, RepositorySettings.defaults())) {
      ServedModel model =
          repository.find(new ModelSelector("colors", new ModelSelector.Version.Serving()));
      assertThat(model.taskName()).isEqualTo(TaskName.CLASSIFICATION);
      assertThat(model.metadata().platform()).isEqualTo("sluice_simulated");
      assertThat(model.lanes()).hasSize(2);
      List<InferenceInput> images =
          List.of(
              TestImages.of(model.task(), 0x203040),
              TestImages.of(model.task(), TestImages.RED),
              TestImages.of(model.task(), 0x809070));

      assertThatThrownBy(() -> model.lanes().get(1).infer(images))
          .satisfies(SimulatedDeviceTest::failed);
      assertThat(model.lanes().get(0).infer(images))
          .extracting(output -> ((Classification) output).classes().getFirst())
          .containsExactly(
              new ClassScore(2, "blue", 0.98f),
              new ClassScore(0, "red", 0.98f),
              new ClassScore(1, "green", 0.98f));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'device: cpu\n"
            + "simulated: {batch: 1ms}' | simulated: has no meaning without device: simulated",
        "'device: simulated\n"
            + "simulated: 20ms' | expected a map with batch, item and control, not 20ms",
        "'device: simulated\nsimulated: {bach: 20ms}' | did you mean batch?",
        "'device: simulated\nsimulated: {batch: }' | expected a duration like 5ms",
        "'device: simulated\ntask: embedding' | device simulated is a classifier of colours",
        "'device: simulated\nbatching: adaptive' | batching: adaptive needs a latency_objective",
        "'device: simulated\nlatency_objective: 5ms' | means nothing without batching: adaptive"
      })
  void aSimulatedModelThatMeansNothingIsRefused(String yaml, String why) throws IOException {
    Files.createDirectories(folder.resolve("colors/1"));
    Files.writeString(folder.resolve("colors/1/model.onnx"), "");
    Files.writeString(folder.resolve("colors/model.yaml"), yaml);

    assertThatThrownBy(() -> ModelRepository.open(folder, RepositorySettings.defaults()).close())
        .isInstanceOf(ModelConfigurationException.class)
        .hasMessageContaining(why);
  }

  private static void failed(Throwable thrown) {
    assertThat(thrown)
        .isInstanceOfSatisfying(
            TaskException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.MODEL_FAILED));
  }

  private SimulatedDevice device() {
    return new SimulatedDevice(
        new SimulatedSettings(
            Duration.ofMillis(20),
            Duration.ofMillis(2),
            new Control.At(folder.resolve("control.yaml"))),
        pauses::add);
  }

  private void control(String text) throws IOException {
    Files.writeString(folder.resolve("control.yaml"), text);
  }
}

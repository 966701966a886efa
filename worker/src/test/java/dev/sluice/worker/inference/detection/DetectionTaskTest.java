package dev.sluice.worker.inference.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sluice.worker.inference.FloatTensor;
import dev.sluice.worker.inference.Graph;
import dev.sluice.worker.inference.GraphOutputs;
import dev.sluice.worker.inference.GraphSignature;
import dev.sluice.worker.inference.GraphSignature.TensorSignature;
import dev.sluice.worker.inference.InferenceInput;
import dev.sluice.worker.inference.Normalizer;
import dev.sluice.worker.model.DecodedImage;
import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.Geometry;
import dev.sluice.worker.model.ImageInfo;
import dev.sluice.worker.model.Output;
import dev.sluice.worker.model.Output.Box;
import dev.sluice.worker.model.Output.Detections;
import dev.sluice.worker.model.Output.NamedTensor;
import dev.sluice.worker.model.Pixels;
import dev.sluice.worker.model.Placement;
import dev.sluice.worker.model.TaskException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The task around a graph that answers the same whatever it is shown. */
class DetectionTaskTest {
  // An image of 200 x 100, letterboxed to 64 x 64: 64 x 32 pixels, 16 below the top.
  private static final Placement PLACEMENT = new Placement(0, 16, 200.0 / 64, 100.0 / 32);

  @Test
  void putsABoxWhereItLiesInTheImage() {
    DetectionTask task = task(1, 300, 6);
    assertThat(task.geometries()).containsExactly(new Geometry.Letterbox(64, 64, 114));
    assertThat(infer(task, Map.of(), 1, 16, 16, 32, 32, 0.9f, 1))
        .containsExactly(new Box(1, "dog", 0.9f, 50, 0, 100, 50));
  }

  @Test
  void clipsToTheImageAndLeavesOutWhatLiesBesideIt() {
    assertThat(
            infer(
                task(1, 300, 6),
                Map.of(),
                3,
                -10,
                0,
                80,
                70,
                0.9f,
                0,
                10,
                2,
                30,
                15,
                0.8f,
                0,
                -1e30f,
                -1e30f,
                1e30f,
                1e30f,
                0.7f,
                0))
        .containsExactly(
            new Box(0, "cat", 0.9f, 0, 0, 200, 100), new Box(0, "cat", 0.7f, 0, 0, 200, 100));
  }

  @Test
  void theHighestScoreComesFirst() {
    assertThat(
            infer(
                task(1, 300, 6),
                Map.of(),
                3,
                0,
                16,
                10,
                26,
                0.5f,
                0,
                20,
                16,
                30,
                26,
                0.7f,
                1,
                40,
                16,
                50,
                26,
                0.6f,
                0))
        .extracting(Box::score)
        .containsExactly(0.7f, 0.6f, 0.5f);
  }

  @Test
  void aClassWithoutALabelIsCalledByItsNumber() {
    assertThat(infer(task(1, 300, 6), Map.of(), 1, 0, 16, 10, 26, 0.5f, 7))
        .extracting(Box::label)
        .containsExactly("7");
  }

  @Test
  void aRequestMaySetThresholds() {
    float[] two = {
      // One anchor a column: x, y, width, height, cat, dog.
      20, 21, 50, 30, 30, 30, 20, 20, 20, 20, 20, 20, 0.9f, 0.8f, 0.1f, 0, 0, 0.3f,
    };
    DetectionTask task = task(1, 6, 3);
    assertThat(infer(task, Map.of(), 6, two)).extracting(Box::score).containsExactly(0.9f, 0.3f);
    assertThat(infer(task, Map.of("threshold", "0.5"), 6, two))
        .extracting(Box::score)
        .containsExactly(0.9f);
    assertThat(infer(task, Map.of("iou_threshold", "0.95"), 6, two))
        .extracting(Box::score)
        .containsExactly(0.9f, 0.8f, 0.3f);
    assertThat(infer(task, Map.of("max_detections", "1"), 6, two))
        .extracting(Box::score)
        .containsExactly(0.9f);
  }

  @Test
  void refusesSillyParameters() {
    DetectionTask task = task(1, 300, 6);
    task.validateParameters(
        Map.of("threshold", "0", "iou_threshold", "1", "max_detections", "1000"));
    for (Map<String, String> silly :
        List.of(
            Map.of("threshold", "1.5"),
            Map.of("iou_threshold", "-1"),
            Map.of("max_detections", "1001"),
            Map.of("conf", "0.5"))) {
      assertThatExceptionOfType(TaskException.class)
          .isThrownBy(() -> task.validateParameters(silly))
          .withMessageContaining(silly.keySet().iterator().next())
          .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST));
    }
  }

  @Test
  void eachImageOfABatchHasItsOwnBoxesAndParameters() {
    DetectionTask task = task(2, 1, 6);
    Graph graph =
        graph(signature(2, 1, 6), new float[] {0, 16, 32, 32, 0.6f, 0, 32, 16, 64, 32, 0.6f, 1});
    List<Output> outputs =
        task.infer(
            Map.of("model", graph),
            List.of(input(Map.of("threshold", "0.7")), input(Map.of("threshold", "0.5"))));
    assertThat(outputs)
        .containsExactly(
            new Detections(List.of()),
            new Detections(List.of(new Box(1, "dog", 0.6f, 100, 0, 200, 50))));
  }

  @Test
  void aGraphThatGivesAnotherShapeThanItSaidHasFailed() {
    DetectionTask task = task(1, 300, 6);
    Graph graph = graph(signature(1, 2, 3), new float[6]);
    assertThatExceptionOfType(TaskException.class)
        .isThrownBy(() -> task.infer(Map.of("model", graph), List.of(input(Map.of()))))
        .withMessageContaining("output0 [1, 2, 3]")
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.MODEL_FAILED));
  }

  private static DetectionTask task(int batch, int rows, int columns) {
    GraphSignature signature = signature(batch, rows, columns);
    return new DetectionTask(
        new DetectionSettings(
            List.of("cat", "dog"),
            new Geometry.Letterbox(64, 64, 114),
            Normalizer.unit(Normalizer.Layout.NCHW),
            BoxLayout.of(signature, 2, 64, 64)),
        signature);
  }

  /** Runs one image through a graph whose output has these rows. */
  private static List<Box> infer(
      DetectionTask task, Map<String, String> parameters, int rows, float... values) {
    int columns = values.length / rows;
    Graph graph = graph(signature(1, rows, columns), values);
    List<Output> outputs = task.infer(Map.of("model", graph), List.of(input(parameters)));
    return ((Detections) outputs.getFirst()).boxes();
  }

  private static InferenceInput input(Map<String, String> parameters) {
    Pixels pixels = new Pixels(64, 64, new byte[64 * 64 * 3], PLACEMENT);
    return new InferenceInput(
        new DecodedImage(new ImageInfo(200, 100, "png", 1), List.of(pixels)), parameters);
  }

  private static GraphSignature signature(long batch, long rows, long columns) {
    return new GraphSignature(
        List.of(new TensorSignature("images", "FP32", List.of(-1L, 3L, 64L, 64L))),
        List.of(new TensorSignature("output0", "FP32", List.of(batch, rows, columns))),
        Map.of());
  }

  private static Graph graph(GraphSignature signature, float[] values) {
    ByteBuffer data =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    data.asFloatBuffer().put(values);
    return new Graph() {
      @Override
      public GraphSignature signature() {
        return signature;
      }

      @Override
      public GraphOutputs run(FloatTensor input) {
        return new GraphOutputs(
            List.of(
                new NamedTensor("output0", "FP32", signature.outputs().getFirst().shape(), data)));
      }
    };
  }
}

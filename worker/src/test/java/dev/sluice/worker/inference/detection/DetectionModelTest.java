package dev.sluice.worker.inference.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.devstack.onnx.OnnxGraph;
import dev.sluice.devstack.onnx.OnnxModels;
import dev.sluice.worker.inference.InferenceInput;
import dev.sluice.worker.inference.ModelConfigurationException;
import dev.sluice.worker.inference.ModelRepository;
import dev.sluice.worker.inference.RepositorySettings;
import dev.sluice.worker.inference.ServedModel;
import dev.sluice.worker.model.DecodedImage;
import dev.sluice.worker.model.Geometry;
import dev.sluice.worker.model.ImageInfo;
import dev.sluice.worker.model.ModelSelector;
import dev.sluice.worker.model.Output;
import dev.sluice.worker.model.Output.Box;
import dev.sluice.worker.model.Output.Detections;
import dev.sluice.worker.model.Pixels;
import dev.sluice.worker.model.Placement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Detectors in a repository, run by ONNX Runtime on images whose boxes follow from their colours.
 */
class DetectionModelTest {
  private static final int RED = 0xFF0000;
  private static final int GREEN = 0x00FF00;
  private static final int BLUE = 0x0000FF;
  private static final int BLACK = 0;

  @TempDir Path root;

  @Test
  void anUltralyticsExportNeedsNoConfiguration() throws IOException {
    try (ModelRepository repository = open(OnnxModels.ultralyticsQuarterDetector(), "")) {
      ServedModel model = find(repository);
      assertThat(model.task().geometries()).containsExactly(new Geometry.Letterbox(64, 64, 114));

      List<Output> outputs =
          model
              .lanes()
              .getFirst()
              .infer(
                  List.of(
                      quarters(RED, BLACK, BLUE, GREEN, Map.of()),
                      quarters(BLACK, 0x7F0000, 0x660000, BLACK, Map.of("threshold", "0.45"))));

      assertThat(boxes(outputs, 0))
          .containsExactlyInAnyOrder(
              new Box(0, "red", 1, 2, 2, 62, 62),
              new Box(2, "blue", 1, 2, 66, 62, 126),
              new Box(1, "green", 1, 66, 66, 126, 126));
      assertThat(boxes(outputs, 1))
          .singleElement()
          .satisfies(box -> {
            assertThat(box.label()).isEqualTo("red");
            assertThat(box.score()).isCloseTo(127 / 255f, within(1e-4f));
            assertThat(box.xMin()).isEqualTo(66);
          });
    }
  }

  @Test
  void readsBoxesInFractions() throws IOException {
    String yaml =
        """
        task: detection
        labels: [background, red, green, blue]
        resize: stretch
        threshold: 0.9
        """;
    try (ModelRepository repository = open(OnnxModels.quarterDetectorInFractions(), yaml)) {
      List<Output> outputs =
          find(repository)
              .lanes()
              .getFirst()
              .infer(List.of(quarters(BLACK, GREEN, 0x0000DD, BLACK, Map.of())));

      assertThat(boxes(outputs, 0)).containsExactly(new Box(2, "green", 1, 64, 0, 128, 64));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "task: detection                  | does not name the classes",
        "{task: detection, labels: [a]}   | detection of 1 classes needs an output [N, 5, anchors]",
        "{task: detection, labels: [a, b, c, d], resize: {kind: within, longer_side: 64}} | within",
      })
  void refusesAModelThatItCannotRead(String yaml, String reason) {
    assertThatExceptionOfType(ModelConfigurationException.class)
        .isThrownBy(() -> open(OnnxModels.quarterDetectorInFractions(), yaml).close())
        .withMessageContaining(reason)
        .withMessageContaining("model.onnx");
  }

  private ModelRepository open(OnnxGraph graph, String yaml) throws IOException {
    graph.write(root.resolve("quarters/1/model.onnx"));
    Files.writeString(root.resolve("quarters/model.yaml"), yaml);
    return ModelRepository.open(root, RepositorySettings.defaults());
  }

  private static ServedModel find(ModelRepository repository) {
    return repository.find(new ModelSelector("quarters", new ModelSelector.Version.Serving()));
  }

  private static List<Box> boxes(List<Output> outputs, int image) {
    return ((Detections) outputs.get(image)).boxes();
  }

  /** An image of 128 x 128, scaled down by 2, with a colour in each quarter. */
  private static InferenceInput quarters(
      int upperLeft,
      int upperRight,
      int lowerLeft,
      int lowerRight,
      Map<String, String> parameters) {
    byte[] rgb = new byte[64 * 64 * 3];
    for (int i = 0; i < 64 * 64; i++) {
      boolean left = i % 64 < 32;
      int color = i / 64 < 32 ? (left ? upperLeft : upperRight) : (left ? lowerLeft : lowerRight);
      rgb[3 * i] = (byte) (color >> 16);
      rgb[3 * i + 1] = (byte) (color >> 8);
      rgb[3 * i + 2] = (byte) color;
    }
    Pixels pixels = new Pixels(64, 64, rgb, new Placement(0, 0, 2, 2));
    return new InferenceInput(
        new DecodedImage(new ImageInfo(128, 128, "png", 1), List.of(pixels)), parameters);
  }
}

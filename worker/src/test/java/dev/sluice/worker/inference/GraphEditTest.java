package dev.sluice.worker.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sluice.devstack.onnx.OnnxModels;
import dev.sluice.worker.inference.Normalizer.ColorOrder;
import dev.sluice.worker.inference.Normalizer.Layout;
import dev.sluice.worker.model.Pixels;
import dev.sluice.worker.model.Placement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With GoldenTest, which compares the answers for photographs. */
class GraphEditTest {
  @TempDir Path folder;

  @Test
  void aGraphNormalisesAsTheWorkerDoes() throws IOException {
    Path file = OnnxModels.colorEmbedding().write(folder.resolve("model.onnx"));
    try (OrtModel plain = OrtModel.load(file, new Device.Cpu(), Map.of())) {
      Seeds.each(
          20,
          random -> {
            Normalizer normalizer =
                new Normalizer(
                    Layout.NCHW,
                    random.nextBoolean() ? ColorOrder.RGB : ColorOrder.BGR,
                    random.nextBoolean() ? 1.0 / 255 : 1,
                    random.doubles(3, -1, 1).boxed().toList(),
                    random.doubles(3, 0.2, 2).boxed().toList());
            int width = random.nextInt(1, 12);
            int height = random.nextInt(1, 12);
            List<Pixels> images =
                IntStream.range(0, random.nextInt(1, 5))
                    .mapToObj(_ -> {
                      byte[] rgb = new byte[width * height * 3];
                      random.nextBytes(rgb);
                      return new Pixels(width, height, rgb, new Placement(0, 0, 1, 1));
                    })
                    .toList();
            try (OrtModel edited = plain.normalizing(normalizer).orElseThrow();
                Graph itself = edited.newGraph();
                Graph graph = plain.newGraph()) {
              assertThat(edited.signature()).isEqualTo(plain.signature());
              String output = plain.signature().outputs().getFirst().name();
              FloatTensor expected = graph.run(images, normalizer).floats(output);
              FloatTensor found = itself.run(images, normalizer).floats(output);
              assertThat(found.shape()).isEqualTo(expected.shape());
              for (int i = 0; i < expected.values().limit(); i++) {
                float number = expected.values().get(i);
                assertThat(Math.abs(found.values().get(i) - number))
                    .isLessThanOrEqualTo(1e-4f * Math.max(1, Math.abs(number)));
              }
              assertThatExceptionOfType(IllegalStateException.class)
                  .isThrownBy(() -> itself.run(images, Normalizer.unit(Layout.NHWC)))
                  .withMessageContaining("another way");
            }
          });
    }
  }

  @Test
  void leavesAloneWhatItDoesNotKnow() {
    byte[] model = OnnxModels.colorClassifier().toByteArray();
    Normalizer unit = Normalizer.unit(Layout.NCHW);

    assertThat(GraphEdit.withNormalization(model, "image", unit)).isPresent();
    assertThat(GraphEdit.withNormalization(model, "picture", unit)).isEmpty();
    assertThat(GraphEdit.withNormalization(new byte[] {1, 2, 3}, "image", unit)).isEmpty();
    assertThat(GraphEdit.withNormalization(new byte[0], "image", unit)).isEmpty();
    assertThat(
            GraphEdit.withNormalization(
                OnnxModels.colorClassifierOnBytes().toByteArray(), "image", unit))
        .isEmpty();
    assertThat(
            GraphEdit.withNormalization(OnnxModels.vectorInput().toByteArray(), "features", unit))
        .isEmpty();
  }

  @Test
  void refusesWhenItIsAskedForAndCannotBe() throws IOException {
    OnnxModels.colorClassifierOnBytes().write(folder.resolve("colors/1/model.onnx"));
    Files.writeString(
        folder.resolve("colors/model.yaml"),
        "{task: classification, labels: [red, green, blue], normalize_in: graph}");

    assertThatExceptionOfType(ModelConfigurationException.class)
        .isThrownBy(() -> ModelRepository.open(folder, RepositorySettings.defaults()).close())
        .withMessageContaining("normalize_in: graph needs an input FP32 or FP16");
  }
}

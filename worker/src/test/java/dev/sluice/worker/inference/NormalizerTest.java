package dev.sluice.worker.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.worker.inference.Normalizer.ColorOrder;
import dev.sluice.worker.inference.Normalizer.Layout;
import dev.sluice.worker.model.Pixels;
import dev.sluice.worker.model.Placement;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NormalizerTest {
  private static final Placement WHOLE = new Placement(0, 0, 1, 1);

  @Test
  void agreesWithTheFormulaWrittenOutPixelByPixel() {
    long seed = System.nanoTime();
    System.out.println("NormalizerTest seed " + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      Layout layout = random.nextBoolean() ? Layout.NCHW : Layout.NHWC;
      ColorOrder color = random.nextBoolean() ? ColorOrder.RGB : ColorOrder.BGR;
      double scale = random.nextBoolean() ? 1 : 1.0 / 255;
      List<Double> mean = random.doubles(3, -1, 130).boxed().toList();
      List<Double> std = random.doubles(3, 0.1, 130).boxed().toList();
      int width = 1 + random.nextInt(9);
      int height = 1 + random.nextInt(9);
      List<Pixels> images =
          IntStream.rangeClosed(0, random.nextInt(3))
              .mapToObj(i -> noise(random, width, height))
              .toList();

      FloatTensor tensor = new Normalizer(layout, color, scale, mean, std).tensor(images);

      assertThat(tensor.dimension(0)).isEqualTo(images.size());
      for (int n = 0; n < images.size(); n++) {
        for (int y = 0; y < height; y++) {
          for (int x = 0; x < width; x++) {
            for (int c = 0; c < 3; c++) {
              int source = color == ColorOrder.RGB ? c : 2 - c;
              int level = images.get(n).rgb()[(y * width + x) * 3 + source] & 0xFF;
              double expected = (level * scale - mean.get(c)) / std.get(c);
              int[] at = layout == Layout.NCHW ? new int[] {n, c, y, x} : new int[] {n, y, x, c};
              assertThat((double) element(tensor, at))
                  .as("seed %d, image %d, y %d, x %d, channel %d", seed, n, y, x, c)
                  .isCloseTo(expected, within(1e-6 + 1e-6 * Math.abs(expected)));
            }
          }
        }
      }
    }
  }

  @Test
  void unitGivesZeroToOne() {
    Pixels pixel = new Pixels(1, 1, new byte[] {0, 51, (byte) 255}, WHOLE);

    FloatTensor tensor = Normalizer.unit(Layout.NCHW).tensor(List.of(pixel));

    assertThat(tensor.shape()).containsExactly(1L, 3L, 1L, 1L);
    assertThat(tensor.values().array()).containsExactly(0, 0.2f, 1);
  }

  @Test
  void knowsWhenTheNumbersAreTheBytes() {
    List<Double> zero = List.of(0.0, 0.0, 0.0);
    List<Double> one = List.of(1.0, 1.0, 1.0);

    assertThat(new Normalizer(Layout.NHWC, ColorOrder.RGB, 1, zero, one).copiesBytes()).isTrue();
    assertThat(new Normalizer(Layout.NHWC, ColorOrder.BGR, 1, zero, one).copiesBytes()).isFalse();
    assertThat(new Normalizer(Layout.NCHW, ColorOrder.RGB, 1, zero, one).copiesBytes()).isFalse();
    assertThat(new Normalizer(Layout.NCHW, ColorOrder.RGB, 1, zero, one).keepsLevels()).isTrue();
    assertThat(new Normalizer(Layout.NHWC, ColorOrder.RGB, 0.5, zero, one).keepsLevels()).isFalse();
  }

  @Test
  void refusesImagesOfTwoSizesAndADeviationOfZero() {
    Pixels small = new Pixels(1, 1, new byte[3], WHOLE);
    Pixels large = new Pixels(2, 1, new byte[6], WHOLE);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> Normalizer.unit(Layout.NCHW).tensor(List.of(small, large)))
        .withMessageContaining("1x1")
        .withMessageContaining("2x1");
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            new Normalizer(
                Layout.NCHW, ColorOrder.RGB, 1, List.of(0.0, 0.0, 0.0), List.of(1.0, 0.0, 1.0)));
  }

  private static Pixels noise(Random random, int width, int height) {
    byte[] rgb = new byte[width * height * 3];
    random.nextBytes(rgb);
    return new Pixels(width, height, rgb, WHOLE);
  }

  private static float element(FloatTensor tensor, int... at) {
    int index = 0;
    for (int axis = 0; axis < at.length; axis++) {
      index = index * tensor.dimension(axis) + at[axis];
    }
    return tensor.values().get(index);
  }
}

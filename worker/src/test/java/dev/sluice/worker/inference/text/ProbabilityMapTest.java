package dev.sluice.worker.inference.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.worker.inference.Seeds;
import java.nio.FloatBuffer;
import org.junit.jupiter.api.Test;

class ProbabilityMapTest {
  @Test
  void theMeanIsThatOfThePixelsInside() {
    Seeds.each(
        1000,
        random -> {
          int width = random.nextInt(1, 50);
          int height = random.nextInt(1, 50);
          int offset = random.nextInt(5);
          float[] values = new float[offset + width * height];
          for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat();
          }
          double angle = random.nextInt(4) == 0 ? 0 : random.nextDouble(2 * Math.PI);
          RotatedRectangle rectangle =
              new RotatedRectangle(
                  random.nextDouble(-5, width + 5),
                  random.nextDouble(-5, height + 5),
                  Math.cos(angle),
                  Math.sin(angle),
                  random.nextDouble(0.1, 40),
                  random.nextDouble(0.1, 40));

          assertThat(
                  new ProbabilityMap(FloatBuffer.wrap(values), offset, width, height)
                      .mean(rectangle))
              .isCloseTo(naive(values, offset, width, height, rectangle), within(1e-9));
        });
  }

  @Test
  void whatIsNoProbabilityCountsAsNoneOrAsOne() {
    float[] values = {Float.NaN, -1, Float.POSITIVE_INFINITY, 1};
    assertThat(
            new ProbabilityMap(FloatBuffer.wrap(values), 0, 2, 2)
                .mean(new RotatedRectangle(1, 1, 1, 0, 2, 2)))
        .isEqualTo(0.5);
  }

  @Test
  void refusesAMapThatIsNotThere() {
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> new ProbabilityMap(FloatBuffer.allocate(11), 0, 4, 3));
  }

  private static double naive(
      float[] values, int offset, int width, int height, RotatedRectangle rectangle) {
    double sum = 0;
    int count = 0;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        double dx = x + 0.5 - rectangle.centerX();
        double dy = y + 0.5 - rectangle.centerY();
        double along = dx * rectangle.unitX() + dy * rectangle.unitY();
        double across = dy * rectangle.unitX() - dx * rectangle.unitY();
        if (Math.abs(along) <= rectangle.first() / 2
            && Math.abs(across) <= rectangle.second() / 2) {
          sum += values[offset + y * width + x];
          count++;
        }
      }
    }
    return count == 0 ? 0 : sum / count;
  }
}

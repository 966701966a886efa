package dev.sluice.worker.inference.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.worker.inference.Seeds;
import dev.sluice.worker.model.Pixels;
import dev.sluice.worker.model.Placement;
import java.nio.FloatBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class LineCropperTest {
  private static final int SIDE = 60;

  /** Red rises to the right by 4 a pixel, green downwards by 3, blue is even. */
  private static final Pixels SLOPES = slopes();

  @Test
  void samplesBetweenPixelsWhateverTheAngle() {
    Seeds.each(
        300,
        random -> {
          double angle = random.nextDouble(2 * Math.PI);
          LineBox box = box(30, 30, angle, random.nextDouble(4, 30), random.nextDouble(4, 20));
          int width = random.nextInt(1, 100);
          int stride = width + random.nextInt(10);
          float[] planes = new float[3 * 48 * stride];

          LineCropper.write(SLOPES, box, width, FloatBuffer.wrap(planes), stride);

          for (int row = 0; row < 48; row++) {
            for (int column = 0; column < width; column++) {
              double across = (column + 0.5) / width;
              double down = (row + 0.5) / 48;
              double x = box.x() + across * box.acrossX() + down * box.downX();
              double y = box.y() + across * box.acrossY() + down * box.downY();
              int at = row * stride + column;
              // A slope's mean over a pixel is its value at the pixel's centre.
              assertThat(planes[at]).as("blue").isCloseTo(normalised(200), within(1e-4f));
              assertThat(planes[at + 48 * stride])
                  .as("green")
                  .isCloseTo(normalised(3 * (y - 0.5)), within(1e-4f));
              assertThat(planes[at + 2 * 48 * stride])
                  .as("red")
                  .isCloseTo(normalised(4 * (x - 0.5)), within(1e-4f));
            }
          }
        });
  }

  @Test
  void leavesThePaddingAlone() {
    float[] planes = new float[3 * 48 * 20];
    Arrays.fill(planes, 7);
    LineCropper.write(SLOPES, box(30, 30, 0, 10, 10), 15, FloatBuffer.wrap(planes), 20);
    for (int i = 0; i < planes.length; i++) {
      if (i % 20 < 15) {
        assertThat(planes[i]).isBetween(-1f, 1f);
      } else {
        assertThat(planes[i]).isEqualTo(7);
      }
    }
  }

  @Test
  void averagesWhatItScalesDown() {
    // Black and white columns, one pixel wide each; 192 rows and 96 columns become 48 and 24.
    byte[] rgb = new byte[96 * 192 * 3];
    for (int i = 0; i < 96 * 192; i++) {
      Arrays.fill(rgb, 3 * i, 3 * i + 3, (byte) (i % 2 == 0 ? 0 : 255));
    }
    Pixels stripes = new Pixels(96, 192, rgb, new Placement(0, 0, 1, 1));
    float[] planes = new float[3 * 48 * 24];
    LineCropper.write(stripes, new LineBox(0, 0, 96, 0, 0, 192), 24, FloatBuffer.wrap(planes), 24);
    for (float value : planes) {
      assertThat(value).isCloseTo(0, within(1e-6f));
    }
  }

  @Test
  void repeatsTheEdgeBeyondIt() {
    float[] planes = new float[3 * 48 * 10];
    LineCropper.write(
        SLOPES, new LineBox(-500, -500, 100, 0, 0, 100), 10, FloatBuffer.wrap(planes), 10);
    assertThat(planes[0]).isCloseTo(normalised(200), within(1e-6f));
    assertThat(planes[48 * 10]).isEqualTo(-1);
    assertThat(planes[2 * 48 * 10]).isEqualTo(-1);
  }

  @Test
  void keepsTheAspectRatioUpToTheGreatestWidth() {
    assertThat(LineCropper.width(new LineBox(0, 0, 100, 0, 0, 24), 2560)).isEqualTo(200);
    assertThat(LineCropper.width(new LineBox(0, 0, 0, 100, -24, 0), 2560)).isEqualTo(200);
    assertThat(LineCropper.width(new LineBox(0, 0, 100, 0, 0, 24), 120)).isEqualTo(120);
    assertThat(LineCropper.width(new LineBox(0, 0, 0.1, 0, 0, 2000), 120)).isEqualTo(1);
  }

  private static LineBox box(double x, double y, double angle, double width, double height) {
    double ax = width * Math.cos(angle);
    double ay = width * Math.sin(angle);
    double dx = -height * Math.sin(angle);
    double dy = height * Math.cos(angle);
    return new LineBox(x - (ax + dx) / 2, y - (ay + dy) / 2, ax, ay, dx, dy);
  }

  private static float normalised(double level) {
    return (float) ((level / 255 - 0.5) / 0.5);
  }

  private static Pixels slopes() {
    byte[] rgb = new byte[SIDE * SIDE * 3];
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        int at = 3 * (y * SIDE + x);
        rgb[at] = (byte) (4 * x);
        rgb[at + 1] = (byte) (3 * y);
        rgb[at + 2] = (byte) 200;
      }
    }
    return new Pixels(SIDE, SIDE, rgb, new Placement(0, 0, 1, 1));
  }
}

package dev.sluice.worker.inference.text;

import dev.sluice.worker.model.Pixels;
import java.nio.FloatBuffer;

/**
 * Cuts lines out of an image, straightened, scaled to the height that a recognition graph reads,
 * and normalised to -1 to 1 in three planes, blue first: PP-OCR is trained on images as OpenCV
 * reads them.
 */
final class LineCropper {
  /** The height of a recognition graph's input (PP-OCRv3 and later). */
  static final int HEIGHT = 48;

  private static final int CHANNELS = 3;

  /** How many samples are averaged for a pixel, at most, in each direction. */
  private static final int MOST_SAMPLES = 4;

  private static final double HALF_RANGE = 127.5;

  private LineCropper() {}

  /** How wide a line is at that height, aspect ratio kept, from 1 to {@code maximum}. */
  static int width(LineBox box, int maximum) {
    return (int) Math.clamp(Math.ceil(HEIGHT * box.width() / box.height()), 1, maximum);
  }

  /**
   * Writes one line. Each pixel is bilinear, or the mean of several bilinear samples where the line
   * is scaled down; outside the image its nearest pixel is repeated.
   *
   * @param pixels the image
   * @param box the line in the rendition's pixels
   * @param width how wide the line becomes
   * @param planes where it goes: three planes of {@link #HEIGHT} rows
   * @param stride how wide a row of a plane is, at least {@code width}; the rest is left as it is
   */
  static void write(Pixels pixels, LineBox box, int width, FloatBuffer planes, int stride) {
    int acrossSamples = samples(box.width() / width);
    int downSamples = samples(box.height() / HEIGHT);
    double acrossX = box.acrossX() / width;
    double acrossY = box.acrossY() / width;
    double downX = box.downX() / HEIGHT;
    double downY = box.downY() / HEIGHT;
    int plane = HEIGHT * stride;
    double weight = 1 / (HALF_RANGE * acrossSamples * downSamples);
    double[] sum = new double[CHANNELS];
    for (int row = 0; row < HEIGHT; row++) {
      for (int column = 0; column < width; column++) {
        sum[0] = 0;
        sum[1] = 0;
        sum[2] = 0;
        for (int v = 0; v < downSamples; v++) {
          double down = row + (v + 0.5) / downSamples;
          for (int u = 0; u < acrossSamples; u++) {
            double across = column + (u + 0.5) / acrossSamples;
            sample(
                pixels,
                box.x() + across * acrossX + down * downX,
                box.y() + across * acrossY + down * downY,
                sum);
          }
        }
        int at = row * stride + column;
        planes.put(at, (float) (sum[2] * weight - 1));
        planes.put(at + plane, (float) (sum[1] * weight - 1));
        planes.put(at + 2 * plane, (float) (sum[0] * weight - 1));
      }
    }
  }

  private static int samples(double scale) {
    return (int) Math.clamp(Math.ceil(scale), 1, MOST_SAMPLES);
  }

  /** Adds the levels at a point; a pixel's own level stands at its centre. */
  private static void sample(Pixels pixels, double x, double y, double[] sum) {
    double left = Math.clamp(x - 0.5, 0, pixels.width() - 1);
    double top = Math.clamp(y - 0.5, 0, pixels.height() - 1);
    int x0 = (int) left;
    int y0 = (int) top;
    double fx = left - x0;
    double fy = top - y0;
    int right = x0 + 1 < pixels.width() ? CHANNELS : 0;
    int below = y0 + 1 < pixels.height() ? CHANNELS * pixels.width() : 0;
    int at = CHANNELS * (y0 * pixels.width() + x0);
    byte[] rgb = pixels.rgb();
    for (int channel = 0; channel < CHANNELS; channel++, at++) {
      double upper = mix(rgb[at] & 0xFF, rgb[at + right] & 0xFF, fx);
      double lower = mix(rgb[at + below] & 0xFF, rgb[at + below + right] & 0xFF, fx);
      sum[channel] += upper + (lower - upper) * fy;
    }
  }

  private static double mix(int a, int b, double fraction) {
    return a + (b - a) * fraction;
  }
}

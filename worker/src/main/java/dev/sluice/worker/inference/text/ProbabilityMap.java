package dev.sluice.worker.inference.text;

import static java.util.Objects.checkFromIndexSize;

import java.nio.FloatBuffer;

/**
 * One image's map of how likely each pixel belongs to text: what a differentiable-binarization
 * graph gives (M. Liao et al., Real-time scene text detection with differentiable binarization,
 * 2020).
 *
 * @param values row-major, from {@code offset} on; not copied. A value that is not a number counts
 *     as no text
 * @param offset of the first row
 * @param width of the map
 * @param height of the map
 */
record ProbabilityMap(FloatBuffer values, int offset, int width, int height) {
  ProbabilityMap {
    checkFromIndexSize(offset, Math.multiplyExact(width, height), values.limit());
  }

  /** Whether the pixel is text at this threshold; false for a value that is not a number. */
  boolean above(float threshold, int x, int y) {
    return values.get(offset + y * width + x) > threshold;
  }

  /** The mean over the pixels whose centre lies in the rectangle; 0 when there is none. */
  double mean(RotatedRectangle rectangle) {
    double ux = rectangle.unitX();
    double uy = rectangle.unitY();
    double halfFirst = rectangle.first() / 2;
    double halfSecond = rectangle.second() / 2;
    double reach = Math.abs(uy) * halfFirst + Math.abs(ux) * halfSecond;
    int top = clamp(Math.floor(rectangle.centerY() - reach), height);
    int bottom = clamp(Math.ceil(rectangle.centerY() + reach), height);
    double sum = 0;
    long count = 0;
    for (int row = top; row < bottom; row++) {
      double dy = row + 0.5 - rectangle.centerY();
      // |dx * ux + dy * uy| <= halfFirst and |dy * ux - dx * uy| <= halfSecond bound this row's dx.
      Span span = Span.all().within(ux, dy * uy, halfFirst).within(-uy, dy * ux, halfSecond);
      int from = clamp(Math.ceil(span.from() + rectangle.centerX() - 0.5), width);
      int to = clamp(Math.floor(span.to() + rectangle.centerX() - 0.5) + 1, width);
      int start = offset + row * width;
      for (int i = start + from; i < start + to; i++) {
        float value = values.get(i);
        if (value >= 0) {
          sum += Math.min(value, 1);
        }
        count++;
      }
    }
    return count == 0 ? 0 : sum / count;
  }

  private static int clamp(double value, int limit) {
    return (int) Math.clamp(value, 0, limit);
  }

  /** An interval, empty when it ends before it begins. */
  private record Span(double from, double to) {
    private static final double FLAT = 1e-12;

    static Span all() {
      return new Span(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
    }

    /** The part in which {@code |slope * x + shift| <= limit}. */
    Span within(double slope, double shift, double limit) {
      if (Math.abs(slope) < FLAT) {
        return Math.abs(shift) <= limit ? this : new Span(0, -1);
      }
      double a = (-limit - shift) / slope;
      double b = (limit - shift) / slope;
      return new Span(Math.max(from, Math.min(a, b)), Math.min(to, Math.max(a, b)));
    }
  }
}

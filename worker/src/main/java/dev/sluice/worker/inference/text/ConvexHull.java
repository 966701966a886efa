package dev.sluice.worker.inference.text;

import java.util.Arrays;

/**
 * The corners of a convex polygon, each once, clockwise as a person sees it (y grows downwards).
 *
 * @param x the corners' x, at least one
 * @param y the corners' y, as many
 */
record ConvexHull(double[] x, double[] y) {
  ConvexHull {
    if (x.length == 0 || x.length != y.length) {
      throw new IllegalArgumentException(x.length + " and " + y.length + " are not corners");
    }
  }

  int size() {
    return x.length;
  }

  /**
   * The hull of a shape that is given by its leftmost and rightmost point at successive heights.
   * Andrew's monotone chain; the points come sorted by height, so it is linear.
   *
   * @param top the first height
   * @param left for each height the leftmost x
   * @param right for each height the rightmost x, greater than the leftmost
   */
  static ConvexHull ofRows(int top, int[] left, int[] right) {
    int heights = left.length;
    double[] x = new double[2 * heights];
    double[] y = new double[2 * heights];
    int size = 0;
    for (int i = 0; i < heights; i++) {
      size = append(x, y, size, 0, right[i], (double) top + i);
    }
    // The lowest edge is level, so the two sides meet in convex corners whatever they are.
    int leftSide = size;
    for (int i = heights - 1; i >= 0; i--) {
      size = append(x, y, size, leftSide, left[i], (double) top + i);
    }
    return new ConvexHull(Arrays.copyOf(x, size), Arrays.copyOf(y, size));
  }

  /** Adds a point and drops those before it, down to {@code first}, that it makes needless. */
  private static int append(double[] x, double[] y, int size, int first, double px, double py) {
    int kept = size;
    while (kept - first >= 2
        && cross(x[kept - 2], y[kept - 2], x[kept - 1], y[kept - 1], px, py) <= 0) {
      kept--;
    }
    x[kept] = px;
    y[kept] = py;
    return kept + 1;
  }

  /** Positive when the way from a over b to c turns clockwise as a person sees it. */
  private static double cross(double ax, double ay, double bx, double by, double cx, double cy) {
    return (bx - ax) * (cy - by) - (by - ay) * (cx - bx);
  }
}

package dev.sluice.worker.inference.text;

/**
 * A rectangle at any angle.
 *
 * @param centerX of its centre
 * @param centerY of its centre
 * @param unitX of the unit vector along its first side
 * @param unitY of the unit vector along its first side; the second side runs along {@code (-unitY,
 *     unitX)}, which is a quarter turn clockwise as a person sees it (y grows downwards)
 * @param first length of its first side
 * @param second length of its second side
 */
record RotatedRectangle(
    double centerX, double centerY, double unitX, double unitY, double first, double second) {

  /**
   * The rectangle of least area around a convex polygon, by rotating calipers: one of its sides
   * lies on one of the polygon's (H. Freeman, R. Shapira, Determining the minimum-area encasing
   * rectangle for an arbitrary closed curve, 1975; G. Toussaint, Solving geometric problems with
   * the rotating calipers, 1983).
   */
  static RotatedRectangle around(ConvexHull hull) {
    int size = hull.size();
    double[] x = hull.x();
    double[] y = hull.y();
    if (size == 1) {
      return new RotatedRectangle(x[0], y[0], 1, 0, 0, 0);
    }
    RotatedRectangle best = new RotatedRectangle(0, 0, 1, 0, Double.MAX_VALUE, 1);
    // The corners farthest ahead, farthest inside and farthest behind, seen along the current side.
    int ahead = 0;
    int inside = 0;
    int behind = 0;
    for (int side = 0; side < size; side++) {
      int end = (side + 1) % size;
      double length = Math.hypot(x[end] - x[side], y[end] - y[side]);
      double ux = (x[end] - x[side]) / length;
      double uy = (y[end] - y[side]) / length;
      if (side == 0) {
        ahead = extreme(hull, ux, uy);
        inside = extreme(hull, -uy, ux);
        behind = extreme(hull, -ux, -uy);
      } else {
        ahead = advance(hull, ahead, ux, uy);
        inside = advance(hull, inside, -uy, ux);
        behind = advance(hull, behind, -ux, -uy);
      }
      double from = x[behind] * ux + y[behind] * uy;
      double to = x[ahead] * ux + y[ahead] * uy;
      double near = -x[side] * uy + y[side] * ux;
      double far = -x[inside] * uy + y[inside] * ux;
      if ((to - from) * (far - near) < best.area()) {
        double along = (from + to) / 2;
        double across = (near + far) / 2;
        best =
            new RotatedRectangle(
                along * ux - across * uy,
                along * uy + across * ux,
                ux,
                uy,
                to - from,
                Math.max(far - near, 0));
      }
    }
    return best;
  }

  double area() {
    return first * second;
  }

  double shorterSide() {
    return Math.min(first, second);
  }

  /** The same rectangle with every side moved outwards. */
  RotatedRectangle grown(double distance) {
    return new RotatedRectangle(
        centerX, centerY, unitX, unitY, first + 2 * distance, second + 2 * distance);
  }

  private static int extreme(ConvexHull hull, double dx, double dy) {
    int best = 0;
    for (int i = 1; i < hull.size(); i++) {
      if (hull.x()[i] * dx + hull.y()[i] * dy > hull.x()[best] * dx + hull.y()[best] * dy) {
        best = i;
      }
    }
    return best;
  }

  private static int advance(ConvexHull hull, int from, double dx, double dy) {
    int corner = from;
    int size = hull.size();
    // At most once around: equal heights must not turn for ever.
    for (int step = 0; step < size; step++) {
      int next = (corner + 1) % size;
      double gain =
          (hull.x()[next] - hull.x()[corner]) * dx + (hull.y()[next] - hull.y()[corner]) * dy;
      if (gain < 0) {
        break;
      }
      corner = next;
    }
    return corner;
  }
}

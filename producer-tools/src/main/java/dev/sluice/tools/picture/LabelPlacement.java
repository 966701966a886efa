package dev.sluice.tools.picture;

import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Finds a place for each label: beside what it names, inside the picture, and off the labels that
 * stand already as far as there is room. Used by one thread.
 */
final class LabelPlacement {
  private final double width;
  private final double height;
  private final List<Rectangle2D> placed = new ArrayList<>();

  LabelPlacement(double width, double height) {
    this.width = width;
    this.height = height;
  }

  /**
   * Places a label of this size and keeps the place taken. A label larger than the picture begins
   * at the picture's edge.
   *
   * @param target bounds of what the label names
   */
  Rectangle2D place(Rectangle2D target, double labelWidth, double labelHeight) {
    double[][] corners = {
      {target.getMinX(), target.getMinY() - labelHeight},
      {target.getMinX(), target.getMaxY()},
      {target.getMaxX(), target.getMinY()},
      {target.getMinX() - labelWidth, target.getMinY()},
      {target.getMinX(), target.getMinY()},
      {target.getMaxX() - labelWidth, target.getMaxY() - labelHeight},
    };
    Rectangle2D best =
        Arrays.stream(corners)
            .map(corner ->
                (Rectangle2D)
                    new Rectangle2D.Double(
                        inside(corner[0], labelWidth, width),
                        inside(corner[1], labelHeight, height),
                        labelWidth,
                        labelHeight))
            .min(Comparator.comparingDouble(this::overlap))
            .orElseThrow();
    placed.add(best);
    return best;
  }

  private static double inside(double start, double length, double limit) {
    return Math.max(0, Math.min(start, limit - length));
  }

  private double overlap(Rectangle2D candidate) {
    double sum = 0;
    for (Rectangle2D other : placed) {
      Rectangle2D common = candidate.createIntersection(other);
      if (common.getWidth() > 0 && common.getHeight() > 0) {
        sum += common.getWidth() * common.getHeight();
      }
    }
    return sum;
  }
}

package dev.sluice.worker.inference.text;

import java.util.List;

/**
 * Where a probability map shows lines of text: each connected region becomes the rectangle of least
 * area around it, is kept if it is likely enough and not tiny, and is widened to the line's full
 * height (the post-processing of M. Liao et al., Real-time scene text detection with differentiable
 * binarization, 2020).
 */
final class TextBoxes {
  /**
   * Regions thinner than this many pixels of the map are noise. PaddleOCR leaves out what is
   * thinner than 3 from pixel centre to pixel centre, which is 4 from edge to edge.
   */
  private static final double LEAST_SIDE = 4;

  private TextBoxes() {}

  /** The lines' rectangles in the map's pixels, the larger regions first. */
  static List<RotatedRectangle> find(ProbabilityMap map, TextSettings settings) {
    return RegionFinder.find(map, settings.mapThreshold(), settings.maxLines()).stream()
        .map(RotatedRectangle::around)
        .filter(rectangle -> rectangle.shorterSide() >= LEAST_SIDE)
        .filter(rectangle -> map.mean(rectangle) >= settings.boxThreshold())
        .map(rectangle -> unclipped(rectangle, settings.unclipRatio()))
        .toList();
  }

  /**
   * The rectangle around the region's outline moved outwards by area * ratio / perimeter (B. R.
   * Vatti's clipping offset, which for a rectangle only moves its sides).
   */
  static RotatedRectangle unclipped(RotatedRectangle rectangle, double ratio) {
    double perimeter = 2 * (rectangle.first() + rectangle.second());
    return rectangle.grown(rectangle.area() * ratio / perimeter);
  }
}

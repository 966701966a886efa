package dev.sluice.worker.model;

/**
 * Where the pixels of a rendition lie in the image as a person sees it. Edges, not centres: a
 * rendition's right edge {@code x = width} maps to where that edge lies in the image.
 *
 * @param offsetX where the image's left edge lies in the rendition, in the rendition's pixels;
 *     positive under a letterbox, negative under a crop
 * @param offsetY where the image's top edge lies in the rendition
 * @param scaleX pixels of the image for each pixel of the rendition, horizontally
 * @param scaleY pixels of the image for each pixel of the rendition, vertically
 */
public record Placement(double offsetX, double offsetY, double scaleX, double scaleY) {
  public Placement {
    if (!(scaleX > 0) || !(scaleY > 0)) {
      throw new IllegalArgumentException("scales are positive: " + scaleX + ", " + scaleY);
    }
  }

  /** The image's x for a rendition's x. */
  public double imageX(double x) {
    return (x - offsetX) * scaleX;
  }

  /** The image's y for a rendition's y. */
  public double imageY(double y) {
    return (y - offsetY) * scaleY;
  }
}

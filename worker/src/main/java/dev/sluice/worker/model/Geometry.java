package dev.sluice.worker.model;

/**
 * The size and shape in which a model wants its images. A model may want one image in several
 * geometries (a small one to find text in, a large one to read it from); the image is decoded once.
 */
public sealed interface Geometry {
  /** Scaled to exactly this size, the aspect ratio given up. */
  record Stretch(int width, int height) implements Geometry {
    public Stretch {
      requirePositive(width, height);
    }
  }

  /**
   * Scaled so that the shorter side becomes {@code shorterSide}, then this size cut out of the
   * middle: how ImageNet classifiers are evaluated.
   */
  record CenterCrop(int shorterSide, int width, int height) implements Geometry {
    public CenterCrop {
      requirePositive(width, height);
      if (shorterSide < Math.max(width, height)) {
        throw new IllegalArgumentException(
            "shorterSide " + shorterSide + " is less than the crop " + width + "x" + height);
      }
    }
  }

  /**
   * Scaled to fit, aspect ratio kept, and centred on a ground of this size: how YOLO models are
   * fed.
   *
   * @param fill the ground's level in all three channels, 0 to 255 (Ultralytics uses 114)
   */
  record Letterbox(int width, int height, int fill) implements Geometry {
    public Letterbox {
      requirePositive(width, height);
      if (fill < 0 || fill > 255) {
        throw new IllegalArgumentException("fill is a level from 0 to 255: " + fill);
      }
    }
  }

  /**
   * Scaled down, never up, so that the longer side is at most {@code longerSide}, aspect ratio kept
   * but for rounding each side to a multiple of {@code multiple} (at least one multiple).
   */
  record Within(int longerSide, int multiple) implements Geometry {
    public Within {
      requirePositive(longerSide, multiple);
      if (longerSide < multiple) {
        throw new IllegalArgumentException(
            "longerSide " + longerSide + " is less than one multiple of " + multiple);
      }
    }
  }

  private static void requirePositive(int width, int height) {
    if (width <= 0 || height <= 0) {
      throw new IllegalArgumentException("sizes are positive: " + width + " x " + height);
    }
  }
}

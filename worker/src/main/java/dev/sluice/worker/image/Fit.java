package dev.sluice.worker.image;

import dev.sluice.worker.model.Geometry;
import dev.sluice.worker.model.Placement;

/**
 * How an image of one size becomes a rendition, in the image as a person sees it: cut the middle
 * {@code sourceWidth x sourceHeight} out of it (nearly always all of it), scale that to {@code
 * scaledWidth x scaledHeight}, lay it with its corner at ({@code left}, {@code top}) on a ground of
 * {@code width x height}; what lies outside is cut off. Pure.
 *
 * @param sourceWidth of the image's middle; differs from the image's by an even number
 * @param sourceHeight of the image's middle; differs from the image's by an even number
 * @param scaledWidth what the source is scaled to, positive
 * @param scaledHeight what the source is scaled to, positive
 * @param left where the scaled pixels begin in the rendition; negative under a crop
 * @param top where the scaled pixels begin in the rendition; negative under a crop
 * @param width of the rendition
 * @param height of the rendition
 * @param fill level of the ground, 0 to 255
 */
record Fit(
    int sourceWidth,
    int sourceHeight,
    int scaledWidth,
    int scaledHeight,
    int left,
    int top,
    int width,
    int height,
    int fill) {
  /** Above this an image is cut before it is scaled: 1 x 60000 at a shorter side of 256 is 4 G. */
  private static final long MAX_SCALED_PIXELS = 1L << 24;

  static Fit of(Geometry geometry, int imageWidth, int imageHeight) {
    return switch (geometry) {
      case Geometry.Stretch(int width, int height) ->
          whole(imageWidth, imageHeight, width, height, width, height, 0);
      case Geometry.Letterbox(int width, int height, int fill) -> {
        double ratio = Math.min((double) width / imageWidth, (double) height / imageHeight);
        int scaledWidth = scaled(imageWidth, ratio, width);
        int scaledHeight = scaled(imageHeight, ratio, height);
        yield whole(imageWidth, imageHeight, scaledWidth, scaledHeight, width, height, fill);
      }
      case Geometry.Within(int longerSide, int multiple) -> {
        double ratio = Math.min(1, (double) longerSide / Math.max(imageWidth, imageHeight));
        int limit = longerSide / multiple * multiple;
        int width = multipleOf(multiple, imageWidth * ratio, limit);
        int height = multipleOf(multiple, imageHeight * ratio, limit);
        yield whole(imageWidth, imageHeight, width, height, width, height, 0);
      }
      case Geometry.CenterCrop crop -> centerCrop(crop, imageWidth, imageHeight);
    };
  }

  /** The largest rendition that the geometry makes of any image, in bytes. */
  static long maxBytes(Geometry geometry) {
    return 3
        * switch (geometry) {
          case Geometry.Stretch(int width, int height) -> (long) width * height;
          case Geometry.Letterbox(int width, int height, int fill) -> (long) width * height;
          case Geometry.CenterCrop(int side, int width, int height) -> (long) width * height;
          case Geometry.Within(int longerSide, int multiple) -> (long) longerSide * longerSide;
        };
  }

  /** Whether the whole image is scaled, none of it cut off before. */
  boolean isWhole(int imageWidth, int imageHeight) {
    return sourceWidth == imageWidth && sourceHeight == imageHeight;
  }

  /**
   * Where the rendition lies in the image.
   *
   * @param coveredWidth the width in the image's pixels that was scaled: {@link #sourceWidth}, or a
   *     little more where the decoder reduced by a factor that does not divide it
   * @param coveredHeight the same for the height
   * @param beforeX how much of the covered width lies left of the source
   * @param beforeY how much of the covered height lies above the source
   */
  Placement placement(
      int imageWidth,
      int imageHeight,
      double coveredWidth,
      double coveredHeight,
      double beforeX,
      double beforeY) {
    double scaleX = coveredWidth / scaledWidth;
    double scaleY = coveredHeight / scaledHeight;
    int cutOffX = (imageWidth - sourceWidth) / 2;
    int cutOffY = (imageHeight - sourceHeight) / 2;
    return new Placement(
        left + (beforeX - cutOffX) / scaleX, top + (beforeY - cutOffY) / scaleY, scaleX, scaleY);
  }

  private static Fit whole(
      int imageWidth,
      int imageHeight,
      int scaledWidth,
      int scaledHeight,
      int width,
      int height,
      int fill) {
    return new Fit(
        imageWidth,
        imageHeight,
        scaledWidth,
        scaledHeight,
        Math.floorDiv(width - scaledWidth, 2),
        Math.floorDiv(height - scaledHeight, 2),
        width,
        height,
        fill);
  }

  private static Fit centerCrop(Geometry.CenterCrop crop, int imageWidth, int imageHeight) {
    double ratio = (double) crop.shorterSide() / Math.min(imageWidth, imageHeight);
    double scaledWidth = Math.max(crop.shorterSide(), Math.floor(imageWidth * ratio));
    double scaledHeight = Math.max(crop.shorterSide(), Math.floor(imageHeight * ratio));
    if (scaledWidth * scaledHeight <= MAX_SCALED_PIXELS) {
      return whole(
          imageWidth,
          imageHeight,
          (int) scaledWidth,
          (int) scaledHeight,
          crop.width(),
          crop.height(),
          0);
    }
    int sourceWidth = middle(imageWidth, crop.width() / ratio);
    int sourceHeight = middle(imageHeight, crop.height() / ratio);
    return whole(
        sourceWidth,
        sourceHeight,
        Math.max(crop.width(), (int) Math.round(sourceWidth * ratio)),
        Math.max(crop.height(), (int) Math.round(sourceHeight * ratio)),
        crop.width(),
        crop.height(),
        0);
  }

  /** At least {@code needed} of {@code side}, and as much cut off on one end as on the other. */
  private static int middle(int side, double needed) {
    int length = (int) Math.ceil(needed) + 2;
    int even = length + ((side - length) & 1);
    return Math.min(side, even);
  }

  private static int scaled(int side, double ratio, int limit) {
    return Math.clamp(Math.round(side * ratio), 1, limit);
  }

  private static int multipleOf(int multiple, double side, int limit) {
    return Math.clamp(Math.round(side / multiple) * multiple, multiple, limit);
  }
}

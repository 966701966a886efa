package dev.sluice.worker.image;

import static org.bytedeco.opencv.global.opencv_core.CV_16U;
import static org.bytedeco.opencv.global.opencv_core.CV_8U;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC1;
import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_COLOR;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_IGNORE_ORIENTATION;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_REDUCED_COLOR_2;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_REDUCED_COLOR_4;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_REDUCED_COLOR_8;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_UNCHANGED;

import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.Geometry;
import dev.sluice.worker.model.Pixels;
import dev.sluice.worker.model.Placement;
import dev.sluice.worker.model.TaskException;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Rect;
import org.bytedeco.opencv.opencv_core.Scalar;
import org.bytedeco.opencv.opencv_core.Size;

/**
 * The native part of decoding one image, on a decoder thread. Every native object is made within
 * one scope and freed with it, whatever happens.
 */
final class NativeDecoding {
  /** Rows of transparent pixels that are flattened at once, so that the buffers stay small. */
  private static final int BAND_PIXELS = 1 << 18;

  /** OpenCV: the result has the depth of the sources. */
  private static final int SAME_DEPTH = -1;

  private NativeDecoding() {}

  static List<Pixels> renditions(byte[] encoded, ImageHeader header, List<Geometry> geometries) {
    List<Fit> fits =
        geometries.stream()
            .map(geometry -> Fit.of(geometry, header.orientedWidth(), header.orientedHeight()))
            .toList();
    int reduction = reduction(header, fits);
    try (PointerScope _ = new PointerScope()) {
      Mat image = decode(encoded, header, reduction);
      List<Pixels> renditions = new ArrayList<>(fits.size());
      for (Fit fit : fits) {
        renditions.add(rendition(image, header, fit, reduction));
      }
      return renditions;
    } catch (TaskException e) {
      throw e;
    } catch (RuntimeException e) {
      // JavaCPP turns a C++ exception into a RuntimeException with OpenCV's message.
      throw new TaskException(
          ErrorCode.IMAGE_CORRUPT,
          "%s image of %d x %d cannot be decoded: %s"
              .formatted(header.format().label(), header.width(), header.height(), e.getMessage()),
          e);
    }
  }

  /** The factor by which libjpeg may shrink the image while it decodes: 1, 2, 4 or 8. */
  private static int reduction(ImageHeader header, List<Fit> fits) {
    if (header.format() != Format.JPEG) {
      return 1;
    }
    for (int factor = 8; factor > 1; factor /= 2) {
      int width = reduced(header.orientedWidth(), factor);
      int height = reduced(header.orientedHeight(), factor);
      boolean enough =
          fits.stream()
              .allMatch(fit ->
                  fit.isWhole(header.orientedWidth(), header.orientedHeight())
                      && width >= fit.scaledWidth()
                      && height >= fit.scaledHeight());
      if (enough) {
        return factor;
      }
    }
    return 1;
  }

  private static int reduced(int side, int factor) {
    return (side + factor - 1) / factor;
  }

  /** The stored pixels as 8-bit BGR, not yet turned. */
  private static Mat decode(byte[] encoded, ImageHeader header, int reduction) {
    // A JPEG has no transparency, and the fourth byte of a BMP's pixel is padding as often as not.
    int mode =
        switch (reduction) {
          case 8 -> IMREAD_REDUCED_COLOR_8;
          case 4 -> IMREAD_REDUCED_COLOR_4;
          case 2 -> IMREAD_REDUCED_COLOR_2;
          default -> header.alpha() ? IMREAD_UNCHANGED : IMREAD_COLOR;
        };
    int flags = mode == IMREAD_UNCHANGED ? mode : mode | IMREAD_IGNORE_ORIENTATION;
    byte[] data = header.format() == Format.TIFF ? TiffHeader.upright(encoded) : encoded;
    Mat input = new Mat(1, data.length, CV_8UC1, new BytePointer(data));
    Mat decoded = opencv_imgcodecs.imdecode(input, flags);
    input.close();
    if (decoded == null || decoded.empty()) {
      throw new TaskException(
          ErrorCode.IMAGE_CORRUPT,
          "%s image of %d x %d cannot be decoded: its data is corrupt, truncated or of a kind that"
                  .formatted(header.format().label(), header.width(), header.height())
              + " is not read here");
    }
    if (decoded.cols() != reduced(header.width(), reduction)
        || decoded.rows() != reduced(header.height(), reduction)) {
      throw new TaskException(
          ErrorCode.IMAGE_CORRUPT,
          "%s image says %d x %d and decodes to %d x %d"
              .formatted(
                  header.format().label(),
                  header.width(),
                  header.height(),
                  decoded.cols(),
                  decoded.rows()));
    }
    return decoded.type() == CV_8UC3 ? decoded : flattened(decoded, header);
  }

  /** Any number of channels and 8 or 16 bits to 8-bit BGR on white, some rows at a time. */
  private static Mat flattened(Mat decoded, ImageHeader header) {
    if (decoded.depth() != CV_8U && decoded.depth() != CV_16U) {
      throw new TaskException(
          ErrorCode.IMAGE_CORRUPT,
          header.format().label() + " image has samples that are neither 8 nor 16 bits");
    }
    Mat flat = new Mat(decoded.rows(), decoded.cols(), CV_8UC3);
    int rows = Math.max(1, BAND_PIXELS / decoded.cols());
    for (int top = 0; top < decoded.rows(); top += rows) {
      try (PointerScope _ = new PointerScope()) {
        int bottom = Math.min(decoded.rows(), top + rows);
        Mat source = decoded.rowRange(top, bottom);
        Mat eight = source;
        if (source.depth() == CV_16U) {
          eight = new Mat();
          source.convertTo(eight, CV_8U, 1 / 257.0, 0);
        }
        Mat colour = new Mat();
        switch (eight.channels()) {
          case 1 -> opencv_imgproc.cvtColor(eight, colour, opencv_imgproc.COLOR_GRAY2BGR);
          case 3 -> colour = eight;
          case 4 -> colour = onWhite(eight);
          default ->
              throw new TaskException(
                  ErrorCode.IMAGE_CORRUPT,
                  header.format().label() + " image has " + eight.channels() + " channels");
        }
        colour.copyTo(flat.rowRange(top, bottom));
      }
    }
    decoded.close();
    return flat;
  }

  /** {@code 255 - alpha * (255 - colour) / 255} in each channel. */
  private static Mat onWhite(Mat bgra) {
    Mat colour = new Mat();
    opencv_imgproc.cvtColor(bgra, colour, opencv_imgproc.COLOR_BGRA2BGR);
    Mat alpha = new Mat();
    opencv_core.extractChannel(bgra, alpha, 3);
    Mat alphas = new Mat();
    opencv_imgproc.cvtColor(alpha, alphas, opencv_imgproc.COLOR_GRAY2BGR);
    Mat ink = new Mat();
    opencv_core.bitwise_not(colour, ink);
    Mat shown = new Mat();
    opencv_core.multiply(ink, alphas, shown, 1 / 255.0, SAME_DEPTH);
    opencv_core.bitwise_not(shown, colour);
    return colour;
  }

  private static Pixels rendition(Mat image, ImageHeader header, Fit fit, int reduction) {
    Orientation orientation = header.orientation();
    try (PointerScope _ = new PointerScope()) {
      Mat source = source(image, header, fit);
      // Scaled before it is turned: there are fewer pixels to turn.
      Mat scaled =
          orientation.transposed()
              ? scaled(source, fit.scaledHeight(), fit.scaledWidth())
              : scaled(source, fit.scaledWidth(), fit.scaledHeight());
      Mat upright = turned(scaled, orientation);
      Mat laid = laid(upright, fit);
      Mat rgb = new Mat();
      opencv_imgproc.cvtColor(laid, rgb, opencv_imgproc.COLOR_BGR2RGB);
      byte[] bytes = new byte[fit.width() * fit.height() * 3];
      rgb.data().get(bytes);
      return new Pixels(fit.width(), fit.height(), bytes, placement(image, header, fit, reduction));
    }
  }

  /** The middle that the fit asks for; all of it where the decoder has reduced. */
  private static Mat source(Mat image, ImageHeader header, Fit fit) {
    if (fit.isWhole(header.orientedWidth(), header.orientedHeight())) {
      return image;
    }
    boolean transposed = header.orientation().transposed();
    int width = transposed ? fit.sourceHeight() : fit.sourceWidth();
    int height = transposed ? fit.sourceWidth() : fit.sourceHeight();
    return image.apply(
        new Rect((image.cols() - width) / 2, (image.rows() - height) / 2, width, height));
  }

  /** Shrinks by averaging areas, then enlarges by interpolating, each side on its own terms. */
  private static Mat scaled(Mat source, int width, int height) {
    Mat shrunk =
        resized(
            source,
            Math.min(width, source.cols()),
            Math.min(height, source.rows()),
            opencv_imgproc.INTER_AREA);
    return resized(shrunk, width, height, opencv_imgproc.INTER_LINEAR);
  }

  private static Mat resized(Mat source, int width, int height, int interpolation) {
    if (source.cols() == width && source.rows() == height) {
      return source;
    }
    Mat resized = new Mat();
    opencv_imgproc.resize(source, resized, new Size(width, height), 0, 0, interpolation);
    return resized;
  }

  private static Mat turned(Mat stored, Orientation orientation) {
    Mat transposed = stored;
    if (orientation.transposed()) {
      transposed = new Mat();
      opencv_core.transpose(stored, transposed);
    }
    if (!orientation.mirroredX() && !orientation.mirroredY()) {
      return transposed;
    }
    // OpenCV's flip code: 0 about the x axis, positive about the y axis, negative about both.
    int code = orientation.mirroredX() ? (orientation.mirroredY() ? -1 : 1) : 0;
    Mat mirrored = new Mat();
    opencv_core.flip(transposed, mirrored, code);
    return mirrored;
  }

  /** Cuts off or fills up to the rendition's size. */
  private static Mat laid(Mat scaled, Fit fit) {
    if (fit.scaledWidth() == fit.width() && fit.scaledHeight() == fit.height()) {
      return scaled;
    }
    int left = Math.max(0, fit.left());
    int top = Math.max(0, fit.top());
    int width = Math.min(fit.width(), fit.scaledWidth());
    int height = Math.min(fit.height(), fit.scaledHeight());
    Mat ground = new Mat(fit.height(), fit.width(), CV_8UC3, Scalar.all(fit.fill()));
    Mat visible =
        scaled.apply(new Rect(Math.max(0, -fit.left()), Math.max(0, -fit.top()), width, height));
    visible.copyTo(ground.apply(new Rect(left, top, width, height)));
    return ground;
  }

  /**
   * A reduced image covers up to {@code reduction - 1} columns more than there are: libjpeg fills
   * the last block up. They lie on the right of the stored image, wherever it is turned to.
   */
  private static Placement placement(Mat image, ImageHeader header, Fit fit, int reduction) {
    Orientation orientation = header.orientation();
    if (reduction == 1) {
      return fit.placement(
          header.orientedWidth(),
          header.orientedHeight(),
          fit.sourceWidth(),
          fit.sourceHeight(),
          0,
          0);
    }
    int storedWidth = image.cols() * reduction;
    int storedHeight = image.rows() * reduction;
    int coveredWidth = orientation.transposed() ? storedHeight : storedWidth;
    int coveredHeight = orientation.transposed() ? storedWidth : storedHeight;
    return fit.placement(
        header.orientedWidth(),
        header.orientedHeight(),
        coveredWidth,
        coveredHeight,
        orientation.mirroredX() ? coveredWidth - header.orientedWidth() : 0,
        orientation.mirroredY() ? coveredHeight - header.orientedHeight() : 0);
  }
}

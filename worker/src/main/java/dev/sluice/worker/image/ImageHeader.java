package dev.sluice.worker.image;

import static java.util.Objects.requireNonNull;

import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.TaskException;

/**
 * What an encoded image says of itself, read in Java before native code sees a byte: a decoder that
 * is told 30000 x 30000 by a file of a few kilobytes asks for gigabytes. Immutable; parsing takes
 * no memory to speak of and time linear in the bytes.
 *
 * @param format by the first bytes
 * @param width of the stored pixels, before the orientation; positive
 * @param height of the stored pixels, before the orientation; positive
 * @param orientation how the stored pixels are turned for a person
 * @param alpha whether pixels may be transparent
 */
public record ImageHeader(
    Format format, int width, int height, Orientation orientation, boolean alpha) {
  public ImageHeader {
    requireNonNull(format, "format is null");
    requireNonNull(orientation, "orientation is null");
    if (width <= 0 || height <= 0) {
      throw new IllegalArgumentException("sizes are positive: " + width + " x " + height);
    }
  }

  /**
   * Reads the header, and the outline of the rest as far as it shows without decoding that the end
   * is missing: a JPEG's end marker, PNG's and WebP's chunks, the first frame of a GIF, the rows of
   * an uncompressed BMP, the strips of a TIFF. Of GIF and TIFF only the first frame or page counts.
   *
   * @throws TaskException with IMAGE_CORRUPT when it is none of the formats that are read here, or
   *     broken, or truncated
   */
  public static ImageHeader parse(byte[] encoded) {
    if (encoded.length == 0) {
      throw new TaskException(ErrorCode.IMAGE_CORRUPT, "the image has no bytes");
    }
    return switch (formatOf(encoded)) {
      case JPEG -> JpegHeader.parse(new EncodedBytes(encoded, Format.JPEG));
      case PNG -> PngHeader.parse(new EncodedBytes(encoded, Format.PNG));
      case WEBP -> WebpHeader.parse(new EncodedBytes(encoded, Format.WEBP));
      case GIF -> GifHeader.parse(new EncodedBytes(encoded, Format.GIF));
      case BMP -> BmpHeader.parse(new EncodedBytes(encoded, Format.BMP));
      case TIFF -> TiffHeader.parse(new EncodedBytes(encoded, Format.TIFF));
    };
  }

  /** Width as a person sees it. */
  public int orientedWidth() {
    return orientation.transposed() ? height : width;
  }

  /** Height as a person sees it. */
  public int orientedHeight() {
    return orientation.transposed() ? width : height;
  }

  /** How many pixels there are. */
  public long pixels() {
    return (long) width * height;
  }

  /** A header whose sizes came off the wire. */
  static ImageHeader of(
      EncodedBytes in, long width, long height, Orientation orientation, boolean alpha) {
    if (width <= 0 || height <= 0 || width > Integer.MAX_VALUE || height > Integer.MAX_VALUE) {
      throw in.corrupt("corrupt: its size is " + width + " x " + height);
    }
    return new ImageHeader(in.format(), (int) width, (int) height, orientation, alpha);
  }

  private static Format formatOf(byte[] encoded) {
    EncodedBytes in = new EncodedBytes(encoded, Format.JPEG);
    if (in.hasAscii(0, "\u00ff\u00d8\u00ff")) {
      return Format.JPEG;
    }
    if (in.hasAscii(0, "\u0089PNG\r\n\u001a\n")) {
      return Format.PNG;
    }
    if (in.hasAscii(0, "RIFF") && in.hasAscii(8, "WEBP")) {
      return Format.WEBP;
    }
    if (in.hasAscii(0, "GIF87a") || in.hasAscii(0, "GIF89a")) {
      return Format.GIF;
    }
    if (in.hasAscii(0, "BM")) {
      return Format.BMP;
    }
    if (in.hasAscii(0, "II*\0") || in.hasAscii(0, "MM\0*")) {
      return Format.TIFF;
    }
    throw new TaskException(
        ErrorCode.IMAGE_CORRUPT,
        "not an image that is read here (JPEG, PNG, WebP, GIF, BMP, TIFF): "
            + encoded.length
            + " bytes that begin "
            + firstBytes(encoded));
  }

  private static String firstBytes(byte[] encoded) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < Math.min(8, encoded.length); i++) {
      text.append(i == 0 ? "" : " ").append(String.format("%02x", encoded[i]));
    }
    return text.toString();
  }
}

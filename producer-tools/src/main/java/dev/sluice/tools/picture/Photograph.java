package dev.sluice.tools.picture;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Iterator;
import java.util.Locale;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * An image as a person sees it: EXIF orientation applied, opaque (on white), possibly smaller or
 * larger than the original. Needs no display. The pixels belong to whoever holds the record.
 *
 * @param pixels RGB
 * @param width width of the original in pixels, oriented
 * @param height height of the original in pixels, oriented
 */
public record Photograph(BufferedImage pixels, int width, int height) {
  /** As much as workers accept by default. Reading one of this size takes about 400 MiB. */
  private static final long MAX_PIXELS = 64_000_000;

  private static final float JPEG_QUALITY = 0.85f;

  /**
   * Reads the first image of an encoded file.
   *
   * @param maxSide the longer side of the result in pixels at most
   * @throws IOException if it is no image that can be read here, or one with too many pixels
   */
  public static Photograph read(byte[] encoded, int maxSide) throws IOException {
    try (ImageInputStream in = ImageIO.createImageInputStream(new ByteArrayInputStream(encoded))) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
      if (!readers.hasNext()) {
        throw new IOException("not an image of a known format");
      }
      ImageReader reader = readers.next();
      try {
        reader.setInput(in, true, true);
        return read(reader, Orientation.of(encoded), maxSide);
      } finally {
        reader.dispose();
      }
    } catch (IOException e) {
      throw e.getMessage() == null ? damaged(e) : e;
    } catch (RuntimeException e) {
      throw damaged(e);
    }
  }

  /** Readers throw all sorts of exceptions at damaged files, unchecked and without words too. */
  private static IOException damaged(Exception e) {
    return new IOException("the image is damaged: " + e, e);
  }

  private static Photograph read(ImageReader reader, Orientation orientation, int maxSide)
      throws IOException {
    int width = reader.getWidth(0);
    int height = reader.getHeight(0);
    if ((long) width * height > MAX_PIXELS) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%d x %d pixels are more than the %,d that are read here",
              width,
              height,
              MAX_PIXELS));
    }
    ImageReadParam parameters = reader.getDefaultReadParam();
    // Skipping pixels is coarse, so twice the wanted size is read and the rest is averaged.
    int step = (int) Math.max(1, Math.max(width, height) / (2L * maxSide));
    parameters.setSourceSubsampling(step, step, 0, 0);
    BufferedImage stored = reader.read(0, parameters);
    boolean swap = orientation.swapsSides();
    int seenWidth = swap ? height : width;
    int seenHeight = swap ? width : height;
    double scale = Math.min(1, (double) maxSide / Math.max(width, height));
    return new Photograph(
        draw(stored, orientation, side(seenWidth, scale), side(seenHeight, scale)),
        seenWidth,
        seenHeight);
  }

  /** This photograph with its longer side at least this long, so that lettering has room. */
  public Photograph atLeast(int side) {
    int longer = Math.max(pixels.getWidth(), pixels.getHeight());
    if (longer >= side) {
      return this;
    }
    double scale = (double) side / longer;
    BufferedImage larger =
        draw(
            pixels,
            Orientation.AS_STORED,
            side(pixels.getWidth(), scale),
            side(pixels.getHeight(), scale));
    return new Photograph(larger, width, height);
  }

  /** The photograph as a JPEG file. */
  public byte[] toJpeg() throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      ImageWriteParam parameters = writer.getDefaultWriteParam();
      parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      parameters.setCompressionQuality(JPEG_QUALITY);
      writer.setOutput(out);
      writer.write(null, new IIOImage(pixels, null, null), parameters);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  private static int side(int original, double scale) {
    return (int) Math.max(1, Math.round(original * scale));
  }

  /** Turns, and scales in halves: bilinear drawing alone skips pixels below half size. */
  private static BufferedImage draw(
      BufferedImage stored, Orientation orientation, int width, int height) {
    BufferedImage current = stored;
    int storedWidth = orientation.swapsSides() ? height : width;
    int storedHeight = orientation.swapsSides() ? width : height;
    while (current.getWidth() > 2 * storedWidth && current.getHeight() > 2 * storedHeight) {
      current =
          drawOnce(
              current,
              Orientation.AS_STORED,
              (current.getWidth() + 1) / 2,
              (current.getHeight() + 1) / 2);
    }
    return drawOnce(current, orientation, width, height);
  }

  private static BufferedImage drawOnce(
      BufferedImage stored, Orientation orientation, int width, int height) {
    BufferedImage seen = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = seen.createGraphics();
    try {
      graphics.setColor(Color.WHITE);
      graphics.fillRect(0, 0, width, height);
      AffineTransform turned = orientation.toSeen(stored.getWidth(), stored.getHeight());
      double seenWidth = orientation.swapsSides() ? stored.getHeight() : stored.getWidth();
      double seenHeight = orientation.swapsSides() ? stored.getWidth() : stored.getHeight();
      AffineTransform transform =
          AffineTransform.getScaleInstance(width / seenWidth, height / seenHeight);
      boolean sameSize = transform.isIdentity();
      transform.concatenate(turned);
      graphics.setRenderingHint(
          RenderingHints.KEY_INTERPOLATION,
          sameSize
              ? RenderingHints.VALUE_INTERPOLATION_NEAREST_NEIGHBOR
              : RenderingHints.VALUE_INTERPOLATION_BILINEAR);
      graphics.drawImage(stored, transform, null);
    } finally {
      graphics.dispose();
    }
    return seen;
  }
}

package dev.sluice.worker.image;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.zip.CRC32;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.opencv_core.Mat;

/** Encoded images whose pixels are known. */
final class TestImages {
  static final int RED = 0xff0000;
  static final int GREEN = 0x00ff00;
  static final int BLUE = 0x0000ff;
  static final int YELLOW = 0xffff00;

  static {
    // Before any of OpenCV's own classes is touched, which would load it without the settings.
    OpenCvLibrary.load(DecodeSettings.defaults().maxPixels());
  }

  private TestImages() {}

  /** Quadrants: red, green above blue, yellow. */
  static BufferedImage quadrants(int width, int height) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, quadrant(x < width / 2, y < height / 2));
      }
    }
    return image;
  }

  private static int quadrant(boolean left, boolean top) {
    return top ? (left ? RED : GREEN) : (left ? BLUE : YELLOW);
  }

  /**
   * The pixels that a camera stores so that, with this EXIF value, {@code seen} is what a person
   * sees: the standard says which side of the picture is the first row and which the first column.
   */
  static BufferedImage stored(BufferedImage seen, int exif) {
    int width = seen.getWidth();
    int height = seen.getHeight();
    boolean transposed = exif >= 5;
    BufferedImage stored =
        new BufferedImage(
            transposed ? height : width, transposed ? width : height, BufferedImage.TYPE_INT_RGB);
    for (int row = 0; row < stored.getHeight(); row++) {
      for (int column = 0; column < stored.getWidth(); column++) {
        int rgb =
            switch (exif) {
              case 1 -> seen.getRGB(column, row); // first row top, first column left
              case 2 -> seen.getRGB(width - 1 - column, row); // top, right
              case 3 -> seen.getRGB(width - 1 - column, height - 1 - row); // bottom, right
              case 4 -> seen.getRGB(column, height - 1 - row); // bottom, left
              case 5 -> seen.getRGB(row, column); // left, top
              case 6 -> seen.getRGB(width - 1 - row, column); // right, top
              case 7 -> seen.getRGB(width - 1 - row, height - 1 - column); // right, bottom
              case 8 -> seen.getRGB(row, height - 1 - column); // left, bottom
              default -> throw new IllegalArgumentException("exif " + exif);
            };
        stored.setRGB(column, row, rgb);
      }
    }
    return stored;
  }

  static byte[] encode(BufferedImage image, String format) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      if (!ImageIO.write(image, format, out)) {
        throw new IllegalArgumentException("ImageIO writes no " + format + " of this image");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  static byte[] jpeg(BufferedImage image, float quality, boolean progressive) {
    Iterator<ImageWriter> writers = ImageIO.getImageWritersByFormatName("jpeg");
    ImageWriter writer = writers.next();
    ImageWriteParam param = writer.getDefaultWriteParam();
    param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
    param.setCompressionQuality(quality);
    param.setProgressiveMode(
        progressive ? ImageWriteParam.MODE_DEFAULT : ImageWriteParam.MODE_DISABLED);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ImageOutputStream stream = ImageIO.createImageOutputStream(out)) {
      writer.setOutput(stream);
      writer.write(null, new IIOImage(image, null, null), param);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      writer.dispose();
    }
    return out.toByteArray();
  }

  /**
   * A JPEG of one colour in print's inks, 0 for none to 255, as Adobe's programs write it: the inks
   * inverted, and an APP14 segment that says so.
   */
  static byte[] cmykJpeg(int width, int height, int... inks) {
    byte[] samples = new byte[width * height * 4];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = (byte) (255 - inks[i % 4]);
    }
    WritableRaster raster =
        Raster.createInterleavedRaster(
            new DataBufferByte(samples, samples.length),
            width,
            height,
            width * 4,
            4,
            new int[] {0, 1, 2, 3},
            null);
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
      writer.setOutput(out);
      writer.write(new IIOImage(raster, null, null));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      writer.dispose();
    }
    byte[] plain = bytes.toByteArray();
    byte[] adobe = {
      (byte) 0xff, (byte) 0xee, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, 0
    };
    return ByteBuffer.allocate(plain.length + adobe.length)
        .put(plain, 0, 2)
        .put(adobe)
        .put(plain, 2, plain.length - 2)
        .array();
  }

  /** By OpenCV's own encoder, for what ImageIO does not write; {@code channels} in BGRA order. */
  static byte[] openCv(String extension, int width, int height, int type, byte[] pixels) {
    try (PointerScope _ = new PointerScope()) {
      Mat image = new Mat(height, width, type, new BytePointer(pixels));
      BytePointer out = new BytePointer();
      if (!opencv_imgcodecs.imencode(extension, image, out)) {
        throw new IllegalArgumentException("OpenCV writes no " + extension);
      }
      byte[] encoded = new byte[(int) out.limit()];
      out.get(encoded);
      return encoded;
    }
  }

  static byte[] webp(BufferedImage image) {
    byte[] bgr = new byte[image.getWidth() * image.getHeight() * 3];
    for (int i = 0; i < image.getWidth() * image.getHeight(); i++) {
      int rgb = image.getRGB(i % image.getWidth(), i / image.getWidth());
      bgr[3 * i] = (byte) rgb;
      bgr[3 * i + 1] = (byte) (rgb >> 8);
      bgr[3 * i + 2] = (byte) (rgb >> 16);
    }
    return openCv(".webp", image.getWidth(), image.getHeight(), opencv_core.CV_8UC3, bgr);
  }

  /** An EXIF block that holds the orientation and nothing else. */
  static byte[] exif(int orientation, ByteOrder order) {
    ByteBuffer block = ByteBuffer.allocate(26).order(order);
    block.put((order == ByteOrder.LITTLE_ENDIAN ? "II" : "MM").getBytes(StandardCharsets.US_ASCII));
    block.putShort((short) 42).putInt(8).putShort((short) 1);
    block.putShort((short) 274).putShort((short) 3).putInt(1).putShort((short) orientation);
    return block.array();
  }

  static byte[] withExif(byte[] jpeg, byte[] exif) {
    ByteBuffer out = ByteBuffer.allocate(jpeg.length + 10 + exif.length);
    out.put(jpeg, 0, 2).putShort((short) 0xffe1).putShort((short) (8 + exif.length));
    out.put("Exif\0\0".getBytes(StandardCharsets.US_ASCII)).put(exif);
    return out.put(jpeg, 2, jpeg.length - 2).array();
  }

  /** A PNG with one more chunk, right after its header. */
  static byte[] withChunk(byte[] png, String type, byte[] data) {
    int afterHeader = 8 + 25;
    ByteBuffer out = ByteBuffer.allocate(png.length + 12 + data.length);
    out.put(png, 0, afterHeader).put(chunk(type, data));
    return out.put(png, afterHeader, png.length - afterHeader).array();
  }

  static byte[] chunk(String type, byte[] data) {
    byte[] name = type.getBytes(StandardCharsets.US_ASCII);
    CRC32 crc = new CRC32();
    crc.update(name);
    crc.update(data);
    return ByteBuffer.allocate(12 + data.length)
        .putInt(data.length)
        .put(name)
        .put(data)
        .putInt((int) crc.getValue())
        .array();
  }

  /** A simple WebP in the extended form, with an EXIF chunk at its end. */
  static byte[] withExifChunk(byte[] webp, int width, int height, byte[] exif) {
    int payload = webp.length - 12;
    ByteBuffer out =
        ByteBuffer.allocate(12 + 18 + payload + 8 + exif.length).order(ByteOrder.LITTLE_ENDIAN);
    out.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(out.capacity() - 8);
    out.put("WEBPVP8X".getBytes(StandardCharsets.US_ASCII)).putInt(10).putInt(0x08);
    out.put((byte) (width - 1)).put((byte) ((width - 1) >> 8)).put((byte) 0);
    out.put((byte) (height - 1)).put((byte) ((height - 1) >> 8)).put((byte) 0);
    out.put(webp, 12, payload);
    out.put("EXIF".getBytes(StandardCharsets.US_ASCII)).putInt(exif.length).put(exif);
    return out.array();
  }

  /** An uncompressed RGB TIFF with an orientation. */
  static byte[] tiff(BufferedImage image, int orientation, ByteOrder order) {
    int width = image.getWidth();
    int height = image.getHeight();
    int[][] entries = {
      {256, 4, 1, width},
      {257, 4, 1, height},
      {258, 3, 3, 0},
      {259, 3, 1, 1},
      {262, 3, 1, 2},
      {273, 4, 1, 0},
      {274, 3, 1, orientation},
      {277, 3, 1, 3},
      {278, 4, 1, height},
      {279, 4, 1, width * height * 3}
    };
    int bits = 8 + 2 + 12 * entries.length + 4;
    int pixels = bits + 6;
    ByteBuffer out = ByteBuffer.allocate(pixels + width * height * 3).order(order);
    out.put((order == ByteOrder.LITTLE_ENDIAN ? "II" : "MM").getBytes(StandardCharsets.US_ASCII));
    out.putShort((short) 42).putInt(8).putShort((short) entries.length);
    for (int[] entry : entries) {
      out.putShort((short) entry[0]).putShort((short) entry[1]).putInt(entry[2]);
      int value = entry[0] == 258 ? bits : entry[0] == 273 ? pixels : entry[3];
      if (entry[1] == 3 && entry[2] == 1) {
        out.putShort((short) value).putShort((short) 0);
      } else {
        out.putInt(value);
      }
    }
    out.putInt(0).putShort((short) 8).putShort((short) 8).putShort((short) 8);
    for (int i = 0; i < width * height; i++) {
      int rgb = image.getRGB(i % width, i / width);
      out.put((byte) (rgb >> 16)).put((byte) (rgb >> 8)).put((byte) rgb);
    }
    return out.array();
  }
}

package dev.sluice.system;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;

/** Encoded images, sound and broken, made here so that no test depends on a file. */
final class HostileImages {
  private static final int IHDR_WIDTH = 16;
  private static final int PNG_SIGNATURE = 8;
  private static final int MEBIBYTE = 1 << 20;

  private HostileImages() {}

  static byte[] png(Color color, int width, int height) {
    return encode(filled(color, width, height), "png");
  }

  static byte[] gif(Color color) {
    return encode(filled(color, 64, 48), "gif");
  }

  static byte[] bmp(Color color) {
    return encode(filled(color, 64, 48), "bmp");
  }

  static byte[] tiff(Color color) {
    return encode(filled(color, 64, 48), "tiff");
  }

  static byte[] jpeg(Color color) {
    return jpeg(filled(color, 320, 240), false);
  }

  /** Noise: its data is long, so that damage in the middle hits data. */
  static byte[] noisyJpeg() {
    return jpeg(noise(), false);
  }

  static byte[] progressiveJpeg() {
    return jpeg(noise(), true);
  }

  static byte[] noisyPng() {
    return encode(noise(), "png");
  }

  /** The first {@code percent} of it. */
  static byte[] beginning(byte[] image, int percent) {
    return Arrays.copyOf(image, image.length * percent / 100);
  }

  /** Random bytes in the middle half; the seed is fixed. */
  static byte[] damaged(byte[] image) {
    byte[] damaged = image.clone();
    Random random = new Random(42);
    for (int at = image.length / 4; at < image.length * 3 / 4; at++) {
      damaged[at] = (byte) random.nextInt();
    }
    return damaged;
  }

  static byte[] followedBy(byte[] image, byte[] more) {
    byte[] both = Arrays.copyOf(image, image.length + more.length);
    System.arraycopy(more, 0, both, image.length, more.length);
    return both;
  }

  /** The start of frame's marker becomes one that decoders skip. */
  static byte[] jpegWithoutFrame() {
    byte[] jpeg = jpeg(Color.RED);
    jpeg[frameHeader(jpeg) + 1] = (byte) 0xef;
    return jpeg;
  }

  static byte[] jpegSaying(int width, int height) {
    byte[] jpeg = jpeg(Color.RED);
    int frame = frameHeader(jpeg);
    ByteBuffer.wrap(jpeg).putShort(frame + 5, (short) height).putShort(frame + 7, (short) width);
    return jpeg;
  }

  /** Each scan costs a pass over the image, and its last one is here {@code scans} times. */
  static byte[] jpegOfScans(int scans) {
    byte[] jpeg = progressiveJpeg();
    int lastScan = jpeg.length - 2;
    while (jpeg[lastScan] != (byte) 0xff || jpeg[lastScan + 1] != (byte) 0xda) {
      lastScan--;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(jpeg, 0, lastScan);
    for (int i = 0; i < scans; i++) {
      out.write(jpeg, lastScan, jpeg.length - 2 - lastScan);
    }
    out.write(jpeg, jpeg.length - 2, 2);
    return out.toByteArray();
  }

  /** A true PNG of so many grey pixels of one bit, all black: small, and large once decoded. */
  static byte[] pngBomb(int width, int height) {
    byte[] header =
        ByteBuffer.allocate(13)
            .putInt(width)
            .putInt(height)
            .put((byte) 1)
            .put(12, (byte) 0)
            .array();
    long bytes = (long) height * (1 + (width + 7) / 8);
    return png(header, deflated(bytes));
  }

  /** A small PNG whose data goes on for {@code mebibytes} when it is inflated. */
  static byte[] pngInflatingTo(int mebibytes) {
    return png(header(32, 32), deflated((long) mebibytes * MEBIBYTE));
  }

  /** A small PNG with a colour profile that inflates to {@code mebibytes}. */
  static byte[] pngWithProfileOf(int mebibytes) {
    byte[] profile =
        followedBy(
            "profile\0\0".getBytes(StandardCharsets.ISO_8859_1),
            deflated((long) mebibytes * MEBIBYTE));
    return withChunk(png(Color.RED, 64, 48), "iCCP", profile);
  }

  /** A whole PNG, but its pixels end in the middle. */
  static byte[] pngWithHalfItsPixels() {
    return png(header(64, 64), deflated(32L * (1 + 64 * 3)));
  }

  static byte[] pngSaying(int width, int height) {
    byte[] png = png(Color.RED, 64, 48);
    ByteBuffer.wrap(png).putInt(IHDR_WIDTH, width).putInt(IHDR_WIDTH + 4, height);
    return withHeaderChecksum(png);
  }

  /** One bit of the checksum of the pixels' chunk is wrong. */
  static byte[] pngWithWrongChecksum() {
    byte[] png = noisyPng();
    // The last twelve bytes are IEND; before them is the checksum of the last IDAT.
    png[png.length - 13] ^= 1;
    return png;
  }

  static byte[] pngWithChunkOf(int length) {
    byte[] png = png(Color.RED, 64, 48);
    ByteBuffer.wrap(png).putInt(PNG_SIGNATURE + 25, length);
    return png;
  }

  static byte[] pngWithoutPixels() {
    return png(header(64, 48), new byte[0]);
  }

  /** Red, then blue. */
  static byte[] animatedGif() {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("gif").next();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ImageOutputStream stream = ImageIO.createImageOutputStream(out)) {
      writer.setOutput(stream);
      writer.prepareWriteSequence(null);
      for (Color color : new Color[] {Color.RED, Color.BLUE}) {
        BufferedImage frame = filled(color, 64, 48);
        writer.writeToSequence(
            new IIOImage(
                frame, null, writer.getDefaultImageMetadata(new ImageTypeSpecifier(frame), null)),
            null);
      }
      writer.endWriteSequence();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      writer.dispose();
    }
    return out.toByteArray();
  }

  static byte[] gifSaying(int width, int height) {
    byte[] gif = gif(Color.RED);
    littleEndian(gif).putShort(6, (short) width).putShort(8, (short) height);
    return gif;
  }

  /** The frame is as large as the screen, and both are absurd. */
  static byte[] gifWithFrameOf(int width, int height) {
    byte[] gif = gifSaying(width, height);
    int at = 13 + (3 << ((gif[10] & 7) + 1));
    while (gif[at] == 0x21) {
      at += 2;
      while (gif[at] != 0) {
        at += 1 + (gif[at] & 0xff);
      }
      at++;
    }
    littleEndian(gif).putShort(at + 5, (short) width).putShort(at + 7, (short) height);
    return gif;
  }

  static byte[] bmpSaying(int width, int height) {
    byte[] bmp = bmp(Color.RED);
    littleEndian(bmp).putInt(18, width).putInt(22, height);
    return bmp;
  }

  /** So many bits a pixel that the length of its rows has more than 63 bits. */
  static byte[] bmpOfBits(int bits) {
    byte[] bmp = bmpSaying(Integer.MAX_VALUE, Integer.MAX_VALUE);
    littleEndian(bmp).putShort(28, (short) bits);
    return bmp;
  }

  /** A lossy WebP of one pixel that says other sizes, up to 16383. */
  static byte[] webpSaying(int width, int height) {
    byte[] webp =
        Base64.getDecoder().decode("UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA");
    littleEndian(webp).putShort(26, (short) width).putShort(28, (short) height);
    return webp;
  }

  /** A canvas of 2^24 by 2^24 pixels with one frame of nothing. */
  static byte[] webpOfLargestCanvas() {
    ByteBuffer webp = ByteBuffer.allocate(54).order(ByteOrder.LITTLE_ENDIAN);
    webp.put(ascii("RIFF")).putInt(46).put(ascii("WEBP"));
    webp.put(ascii("VP8X")).putInt(10).putInt(2);
    webp.put(new byte[] {-1, -1, -1, -1, -1, -1});
    webp.put(ascii("ANMF")).putInt(16).put(new byte[16]);
    return webp.array();
  }

  /** The header alone. */
  static byte[] webpHeader() {
    return ByteBuffer.allocate(12)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(ascii("RIFF"))
        .putInt(4)
        .put(ascii("WEBP"))
        .array();
  }

  /** An uncompressed grey TIFF of 16 x 16 pixels, but for what {@code tag} says. */
  static byte[] tiffSaying(int tag, int value) {
    int[][] entries = {
      {256, 16}, {257, 16}, {258, 8}, {259, 1}, {262, 1}, {273, 0}, {277, 1}, {278, 16}, {279, 256}
    };
    int pixels = 8 + 2 + 12 * entries.length + 4;
    ByteBuffer out = ByteBuffer.allocate(pixels + 256).order(ByteOrder.LITTLE_ENDIAN);
    out.put(ascii("II")).putShort((short) 42).putInt(8).putShort((short) entries.length);
    for (int[] entry : entries) {
      int said = entry[0] == 273 ? pixels : entry[1];
      out.putShort((short) entry[0]).putShort((short) 4).putInt(1);
      out.putInt(entry[0] == tag ? value : said);
    }
    return out.array();
  }

  /** Its first directory lies behind its end. */
  static byte[] tiffWithoutDirectory() {
    return ByteBuffer.allocate(64)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(ascii("II"))
        .putShort((short) 42)
        .putInt(-2)
        .array();
  }

  static byte[] elf() {
    return Arrays.copyOf(HexFormat.of().parseHex("7f454c46020101000000000000000000"), 4096);
  }

  /** Zeros, packed a thousandfold. */
  static byte[] gzipBomb(int mebibytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(out)) {
      zeros(gzip, (long) mebibytes * MEBIBYTE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  static byte[] zipBomb(int mebibytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.putNextEntry(new ZipEntry("image.png"));
      zeros(zip, (long) mebibytes * MEBIBYTE);
      zip.closeEntry();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static BufferedImage filled(Color color, int width, int height) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(color);
    graphics.fillRect(0, 0, width, height);
    graphics.dispose();
    return image;
  }

  private static BufferedImage noise() {
    BufferedImage image = new BufferedImage(160, 120, BufferedImage.TYPE_INT_RGB);
    Random random = new Random(7);
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        image.setRGB(x, y, 0x800000 | random.nextInt(0x7f_ffff));
      }
    }
    return image;
  }

  private static byte[] encode(BufferedImage image, String format) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      if (!ImageIO.write(image, format, out)) {
        throw new AssertionError("no writer for " + format);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static byte[] jpeg(BufferedImage image, boolean progressive) {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ImageWriteParam param = writer.getDefaultWriteParam();
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

  /** Where the marker of the frame header stands. */
  private static int frameHeader(byte[] jpeg) {
    int at = 2;
    while (jpeg[at + 1] != (byte) 0xc0 && jpeg[at + 1] != (byte) 0xc2) {
      at += 2 + Short.toUnsignedInt(ByteBuffer.wrap(jpeg).getShort(at + 2));
    }
    return at;
  }

  /** Eight bits, three colours. */
  private static byte[] header(int width, int height) {
    return ByteBuffer.allocate(13).putInt(width).putInt(height).put((byte) 8).put((byte) 2).array();
  }

  private static byte[] png(byte[] header, byte[] pixels) {
    byte[] signature = HexFormat.of().parseHex("89504e470d0a1a0a");
    byte[] begun = followedBy(signature, chunk("IHDR", header));
    byte[] filled = pixels.length == 0 ? begun : followedBy(begun, chunk("IDAT", pixels));
    return followedBy(filled, chunk("IEND", new byte[0]));
  }

  private static byte[] withChunk(byte[] png, String type, byte[] data) {
    int afterHeader = PNG_SIGNATURE + 25;
    byte[] begun = followedBy(Arrays.copyOf(png, afterHeader), chunk(type, data));
    return followedBy(begun, Arrays.copyOfRange(png, afterHeader, png.length));
  }

  private static byte[] withHeaderChecksum(byte[] png) {
    CRC32 crc = new CRC32();
    crc.update(png, PNG_SIGNATURE + 4, 17);
    ByteBuffer.wrap(png).putInt(PNG_SIGNATURE + 21, (int) crc.getValue());
    return png;
  }

  private static byte[] chunk(String type, byte[] data) {
    CRC32 crc = new CRC32();
    crc.update(ascii(type));
    crc.update(data);
    return ByteBuffer.allocate(12 + data.length)
        .putInt(data.length)
        .put(ascii(type))
        .put(data)
        .putInt((int) crc.getValue())
        .array();
  }

  private static byte[] deflated(long zeros) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream deflater = new DeflaterOutputStream(out)) {
      zeros(deflater, zeros);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static void zeros(OutputStream out, long count) throws IOException {
    byte[] block = new byte[1 << 16];
    for (long left = count; left > 0; left -= block.length) {
      out.write(block, 0, (int) Math.min(left, block.length));
    }
  }
}

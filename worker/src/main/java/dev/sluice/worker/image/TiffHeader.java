package dev.sluice.worker.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The first directory of a TIFF (TIFF 6.0), and of the EXIF block in other formats, which is one.
 */
final class TiffHeader {
  /** A decoder allocates a whole tile at once, however small the image. */
  private static final long MAX_TILE_PIXELS = 1L << 24;

  private static final int WIDTH = 256;
  private static final int HEIGHT = 257;
  private static final int STRIP_OFFSETS = 273;
  private static final int ORIENTATION = 274;
  private static final int SAMPLES_PER_PIXEL = 277;
  private static final int STRIP_BYTE_COUNTS = 279;
  private static final int TILE_WIDTH = 322;
  private static final int TILE_HEIGHT = 323;
  private static final int TILE_OFFSETS = 324;
  private static final int TILE_BYTE_COUNTS = 325;
  private static final int EXTRA_SAMPLES = 338;
  private static final int SAMPLE_FORMAT = 339;

  private static final int ENTRY_LENGTH = 12;
  private static final int SHORT = 3;
  private static final int LONG = 4;
  private static final int FLOATING_POINT = 3;

  private final EncodedBytes in;
  private final long base;
  private final boolean littleEndian;

  private TiffHeader(EncodedBytes in, long base) {
    this.in = in;
    this.base = base;
    this.littleEndian = in.u8(base) == 'I';
  }

  static ImageHeader parse(EncodedBytes in) {
    TiffHeader tiff = new TiffHeader(in, 0);
    long width = tiff.value(WIDTH, 0);
    long height = tiff.value(HEIGHT, 0);
    if (tiff.value(SAMPLE_FORMAT, 1) == FLOATING_POINT) {
      throw in.corrupt("not read here: its samples are floating-point numbers");
    }
    long tile =
        Math.multiplyHigh(tiff.value(TILE_WIDTH, 0), tiff.value(TILE_HEIGHT, 0)) != 0
            ? Long.MAX_VALUE
            : tiff.value(TILE_WIDTH, 0) * tiff.value(TILE_HEIGHT, 0);
    if (tile < 0 || tile > MAX_TILE_PIXELS) {
      throw in.corrupt("corrupt: its tiles have more than " + MAX_TILE_PIXELS + " pixels");
    }
    tiff.requirePixelData(STRIP_OFFSETS, STRIP_BYTE_COUNTS);
    tiff.requirePixelData(TILE_OFFSETS, TILE_BYTE_COUNTS);
    boolean alpha = tiff.value(EXTRA_SAMPLES, 0) != 0 || tiff.value(SAMPLES_PER_PIXEL, 1) == 4;
    Orientation orientation = Orientation.ofExif((int) tiff.value(ORIENTATION, 1));
    return ImageHeader.of(in, width, height, orientation, alpha);
  }

  /**
   * The same file with the orientation that means none: OpenCV turns a TIFF whether it is told to
   * or not, unlike the other formats, and it is to be turned once.
   */
  static byte[] upright(byte[] encoded) {
    TiffHeader tiff = new TiffHeader(new EncodedBytes(encoded, Format.TIFF), 0);
    long entry = tiff.entry(ORIENTATION);
    if (entry < 0) {
      return encoded;
    }
    byte[] copy = encoded.clone();
    ByteBuffer.wrap(copy, (int) entry, ENTRY_LENGTH)
        .order(tiff.littleEndian ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN)
        .putShort((short) ORIENTATION)
        .putShort((short) SHORT)
        .putInt(1)
        .putShort((short) Orientation.UPRIGHT.exif());
    return copy;
  }

  /**
   * The orientation that an EXIF block states. A block that cannot be read states none: cameras
   * write broken ones, and the pixels are still good.
   */
  static Orientation exifOrientation(EncodedBytes in, long start, long length) {
    if (length < 8 || start + length > in.length()) {
      return Orientation.UPRIGHT;
    }
    boolean known = in.hasAscii(start, "II*\0") || in.hasAscii(start, "MM\0*");
    if (!known) {
      return Orientation.UPRIGHT;
    }
    TiffHeader tiff = new TiffHeader(in, start);
    long directory = start + tiff.u32(start + 4);
    long end = start + length;
    if (directory + 2 > end) {
      return Orientation.UPRIGHT;
    }
    int entries = tiff.u16(directory);
    for (int i = 0; i < entries; i++) {
      long entry = directory + 2 + (long) ENTRY_LENGTH * i;
      if (entry + ENTRY_LENGTH > end) {
        return Orientation.UPRIGHT;
      }
      if (tiff.u16(entry) == ORIENTATION && tiff.u16(entry + 2) == SHORT) {
        return Orientation.ofExif(tiff.u16(entry + 8));
      }
    }
    return Orientation.UPRIGHT;
  }

  /** Refuses strips or tiles that lie outside the file: what a truncated one looks like. */
  private void requirePixelData(int offsetsTag, int countsTag) {
    long offsets = entry(offsetsTag);
    long counts = entry(countsTag);
    if (offsets < 0 || counts < 0) {
      return;
    }
    long count = Math.min(u32(offsets + 4), u32(counts + 4));
    for (long i = 0; i < count; i++) {
      in.require(element(offsets, i), element(counts, i));
    }
  }

  /** The first value of the tag in the first directory, or {@code otherwise} when it is absent. */
  private long value(int tag, long otherwise) {
    long entry = entry(tag);
    return entry < 0 ? otherwise : element(entry, 0);
  }

  /** Where the tag's entry is in the first directory; negative when it has none. */
  private long entry(int tag) {
    long directory = base + u32(base + 4);
    int entries = u16(directory);
    for (int i = 0; i < entries; i++) {
      long entry = directory + 2 + (long) ENTRY_LENGTH * i;
      if (u16(entry) == tag) {
        return entry;
      }
    }
    return -1;
  }

  /** The element at {@code index} of the entry's array of shorts or longs. */
  private long element(long entry, long index) {
    int type = u16(entry + 2);
    if (type != SHORT && type != LONG) {
      throw in.corrupt("corrupt: tag " + u16(entry) + " has the type " + type);
    }
    int size = type == SHORT ? 2 : 4;
    long count = u32(entry + 4);
    long values = count * size <= 4 ? entry + 8 : base + u32(entry + 8);
    long at = values + index * size;
    return type == SHORT ? u16(at) : u32(at);
  }

  private int u16(long at) {
    return littleEndian ? in.u16le(at) : in.u16be(at);
  }

  private long u32(long at) {
    return littleEndian ? in.u32le(at) : in.u32be(at);
  }
}

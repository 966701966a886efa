package dev.sluice.worker.image;

/** The headers of a Windows bitmap (BITMAPFILEHEADER and BITMAPCOREHEADER or BITMAPINFOHEADER). */
final class BmpHeader {
  private static final int CORE_HEADER = 12;
  private static final int INFO_HEADER = 40;
  private static final int UNCOMPRESSED = 0;
  private static final int BIT_FIELDS = 3;

  private BmpHeader() {}

  static ImageHeader parse(EncodedBytes in) {
    long pixels = in.u32le(10);
    long headerSize = in.u32le(14);
    long width;
    long height;
    int bits;
    long compression = UNCOMPRESSED;
    if (headerSize == CORE_HEADER) {
      width = in.u16le(18);
      height = in.u16le(20);
      bits = in.u16le(24);
    } else if (headerSize >= INFO_HEADER) {
      width = (int) in.u32le(18);
      // Negative: the rows come from the top.
      height = Math.abs((long) (int) in.u32le(22));
      bits = in.u16le(28);
      compression = in.u32le(30);
    } else {
      throw in.corrupt("corrupt: its header has " + headerSize + " bytes");
    }
    ImageHeader header = ImageHeader.of(in, width, height, Orientation.UPRIGHT, false);
    if (compression == UNCOMPRESSED || compression == BIT_FIELDS) {
      long row = (width * bits + 31) / 32 * 4;
      // Each alone first: of hostile numbers the product may have more than 63 bits.
      in.require(pixels, row);
      in.require(pixels, height);
      in.require(pixels, row * height);
    }
    return header;
  }
}

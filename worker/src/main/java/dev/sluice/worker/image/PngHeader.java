package dev.sluice.worker.image;

/** The chunks of a PNG (W3C Portable Network Graphics, third edition). */
final class PngHeader {
  private static final int GREY_WITH_ALPHA = 4;
  private static final int COLOUR_WITH_ALPHA = 6;

  private PngHeader() {}

  static ImageHeader parse(EncodedBytes in) {
    long at = 8;
    if (in.u32be(at) != 13 || !in.hasAscii(at + 4, "IHDR")) {
      throw in.corrupt("corrupt: it does not begin with its header chunk");
    }
    long width = in.u32be(at + 8);
    long height = in.u32be(at + 12);
    int colourType = in.u8(at + 17);
    boolean alpha = colourType == GREY_WITH_ALPHA || colourType == COLOUR_WITH_ALPHA;
    boolean pixels = false;
    Orientation orientation = Orientation.UPRIGHT;
    while (true) {
      long length = in.u32be(at);
      long data = at + 8;
      in.require(data, length + 4);
      if (in.hasAscii(at + 4, "IEND")) {
        break;
      }
      if (in.hasAscii(at + 4, "IDAT")) {
        pixels = true;
      } else if (in.hasAscii(at + 4, "tRNS")) {
        alpha = true;
      } else if (in.hasAscii(at + 4, "eXIf")) {
        orientation = TiffHeader.exifOrientation(in, data, length);
      }
      at = data + length + 4;
    }
    if (!pixels) {
      throw in.corrupt("corrupt: it has no pixels");
    }
    return ImageHeader.of(in, width, height, orientation, alpha);
  }
}

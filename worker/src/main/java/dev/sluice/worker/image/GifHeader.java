package dev.sluice.worker.image;

/** The blocks of a GIF (GIF89a specification) up to the end of its first frame. */
final class GifHeader {
  private static final int EXTENSION = 0x21;
  private static final int GRAPHIC_CONTROL = 0xf9;
  private static final int IMAGE = 0x2c;

  private GifHeader() {}

  static ImageHeader parse(EncodedBytes in) {
    int width = in.u16le(6);
    int height = in.u16le(8);
    boolean transparent = false;
    long at = 13L + colourTable(in.u8(10));
    while (in.u8(at) == EXTENSION) {
      if (in.u8(at + 1) == GRAPHIC_CONTROL && in.u8(at + 2) >= 4) {
        transparent = (in.u8(at + 3) & 1) != 0;
      }
      at = endOfSubBlocks(in, at + 2);
    }
    if (in.u8(at) != IMAGE) {
      throw in.corrupt("corrupt: no frame where one should begin, at byte " + at);
    }
    int left = in.u16le(at + 1);
    int top = in.u16le(at + 3);
    int frameWidth = in.u16le(at + 5);
    int frameHeight = in.u16le(at + 7);
    if (frameWidth == 0
        || frameHeight == 0
        || left + frameWidth > width
        || top + frameHeight > height) {
      throw in.corrupt(
          "corrupt: a frame of %d x %d at (%d, %d) on a screen of %d x %d"
              .formatted(frameWidth, frameHeight, left, top, width, height));
    }
    boolean covers = frameWidth == width && frameHeight == height;
    endOfSubBlocks(in, at + 10L + colourTable(in.u8(at + 9)) + 1);
    return ImageHeader.of(in, width, height, Orientation.UPRIGHT, transparent || !covers);
  }

  private static int colourTable(int flags) {
    return (flags & 0x80) == 0 ? 0 : 3 << ((flags & 0x07) + 1);
  }

  private static long endOfSubBlocks(EncodedBytes in, long start) {
    long at = start;
    while (in.u8(at) != 0) {
      at += in.u8(at) + 1L;
    }
    return at + 1;
  }
}

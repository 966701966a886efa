package dev.sluice.worker.image;

/** The chunks of a WebP (RFC 9649). */
final class WebpHeader {
  private static final int ANIMATION = 0x02;
  private static final int ALPHA = 0x10;

  private WebpHeader() {}

  static ImageHeader parse(EncodedBytes in) {
    in.require(0, 8 + in.u32le(4));
    if (in.hasAscii(12, "VP8 ") || in.hasAscii(12, "VP8L")) {
      in.require(20, in.u32le(16));
      Frame frame = frame(in, 12);
      return ImageHeader.of(in, frame.width(), frame.height(), Orientation.UPRIGHT, frame.alpha());
    }
    if (in.hasAscii(12, "VP8X")) {
      return extended(in);
    }
    throw in.corrupt("corrupt: it begins with no chunk of pixels");
  }

  private static ImageHeader extended(EncodedBytes in) {
    int flags = in.u8(20);
    long width = in.u24le(24) + 1L;
    long height = in.u24le(27) + 1L;
    Orientation orientation = Orientation.UPRIGHT;
    boolean pixels = false;
    long end = 8 + in.u32le(4);
    for (long at = 12; at + 8 <= end; ) {
      long length = in.u32le(at + 4);
      long data = at + 8;
      in.require(data, length);
      if (in.hasAscii(at, "VP8 ") || in.hasAscii(at, "VP8L")) {
        Frame frame = frame(in, at);
        if (frame.width() != width || frame.height() != height) {
          throw in.corrupt(
              "corrupt: a frame of %d x %d on a canvas of %d x %d"
                  .formatted(frame.width(), frame.height(), width, height));
        }
        pixels = true;
      } else if (in.hasAscii(at, "ANMF")) {
        requireFrameOnCanvas(in, data, width, height);
        pixels = true;
      } else if (in.hasAscii(at, "EXIF")) {
        // Some encoders keep the prefix that the block has in a JPEG.
        int prefix = in.hasAscii(data, "Exif\0\0") ? 6 : 0;
        orientation = TiffHeader.exifOrientation(in, data + prefix, length - prefix);
      }
      at = data + length + (length & 1);
    }
    if (!pixels) {
      throw in.corrupt("truncated: it has no pixels");
    }
    boolean alpha = (flags & (ALPHA | ANIMATION)) != 0;
    return ImageHeader.of(in, width, height, orientation, alpha);
  }

  private static void requireFrameOnCanvas(EncodedBytes in, long data, long width, long height) {
    long right = 2L * in.u24le(data) + in.u24le(data + 6) + 1;
    long bottom = 2L * in.u24le(data + 3) + in.u24le(data + 9) + 1;
    if (right > width || bottom > height) {
      throw in.corrupt("corrupt: a frame reaches over its canvas");
    }
  }

  private record Frame(int width, int height, boolean alpha) {}

  private static Frame frame(EncodedBytes in, long chunk) {
    long data = chunk + 8;
    if (in.hasAscii(chunk, "VP8L")) {
      if (in.u8(data) != 0x2f) {
        throw in.corrupt("corrupt: its lossless signature is wrong");
      }
      long bits = in.u32le(data + 1);
      return new Frame(
          (int) (bits & 0x3fff) + 1, (int) (bits >> 14 & 0x3fff) + 1, (bits >> 28 & 1) != 0);
    }
    if ((in.u8(data) & 1) != 0 || in.u8(data + 3) != 0x9d || in.u16le(data + 4) != 0x2a01) {
      throw in.corrupt("corrupt: its first frame is no key frame");
    }
    return new Frame(in.u16le(data + 6) & 0x3fff, in.u16le(data + 8) & 0x3fff, false);
  }
}

package dev.sluice.worker.image;

/** The markers of a JPEG (ITU-T T.81 annex B). */
final class JpegHeader {
  /**
   * More scans than any encoder writes (about ten). Each scan of a multi-scan file costs the
   * decoder a pass over the whole image however few bytes it has, so thousands of empty ones would
   * keep a core busy for minutes.
   */
  static final int MAX_SCANS = 100;

  private static final int SOI = 0xd8;
  private static final int EOI = 0xd9;
  private static final int SOS = 0xda;
  private static final int TEM = 0x01;
  private static final int APP1 = 0xe1;
  private static final String EXIF = "Exif\0\0";

  private final EncodedBytes in;
  private long width;
  private long height;
  private int components;
  private boolean progressive;
  private Orientation orientation = Orientation.UPRIGHT;

  private JpegHeader(EncodedBytes in) {
    this.in = in;
  }

  static ImageHeader parse(EncodedBytes in) {
    return new JpegHeader(in).parse();
  }

  private ImageHeader parse() {
    long at = 2;
    boolean exifSeen = false;
    while (true) {
      if (in.u8(at) != 0xff) {
        throw in.corrupt("corrupt: no marker at byte " + at);
      }
      while (in.u8(at + 1) == 0xff) {
        at++;
      }
      int marker = in.u8(at + 1);
      long segment = at + 2;
      if (marker == EOI) {
        throw in.corrupt("corrupt: it ends before its first scan");
      }
      if (isStandalone(marker)) {
        at = segment;
        continue;
      }
      int length = segmentLength(segment);
      if (isStartOfFrame(marker)) {
        startOfFrame(marker, segment, length);
      } else if (marker == APP1 && !exifSeen && in.hasAscii(segment + 2, EXIF)) {
        exifSeen = true;
        orientation =
            TiffHeader.exifOrientation(in, segment + 2 + EXIF.length(), length - 2 - EXIF.length());
      } else if (marker == SOS) {
        scans(segment, length);
        return ImageHeader.of(in, width, height, orientation, false);
      }
      at = segment + length;
    }
  }

  private void startOfFrame(int marker, long segment, int length) {
    if (components != 0) {
      throw in.corrupt("corrupt: it has two frame headers");
    }
    if (length < 8) {
      throw in.corrupt("corrupt: its frame header has " + length + " bytes");
    }
    height = in.u16be(segment + 3);
    width = in.u16be(segment + 5);
    components = in.u8(segment + 7);
    progressive = (marker & 0x03) == 2;
    if (components != 1 && components != 3 && components != 4) {
      throw in.corrupt("corrupt: it has " + components + " components");
    }
  }

  /** Counts the scans where there may be many, and finds the end in any case. */
  private void scans(long firstScan, int length) {
    if (components == 0) {
      throw in.corrupt("corrupt: its first scan comes before its frame header");
    }
    boolean oneScan = !progressive && in.u8(firstScan + 2) >= components;
    if (oneScan && endsWithMarker()) {
      return;
    }
    int scans = 1;
    long at = firstScan + length;
    while (true) {
      while (in.u8(at) != 0xff) {
        at++;
        if (at >= in.length()) {
          throw in.truncated("its end marker is missing");
        }
      }
      int marker = at + 1 < in.length() ? in.u8(at + 1) : 0xff;
      if (marker == EOI) {
        return;
      }
      if (marker == 0xff) {
        at++;
        if (at + 1 >= in.length()) {
          throw in.truncated("its end marker is missing");
        }
      } else if (marker == 0 || isStandalone(marker)) {
        at += 2;
        if (at >= in.length()) {
          throw in.truncated("its end marker is missing");
        }
      } else {
        if (marker == SOS && ++scans > MAX_SCANS) {
          throw in.corrupt("corrupt: it has more than " + MAX_SCANS + " scans");
        }
        at += 2 + segmentLength(at + 2);
      }
    }
  }

  /** The usual case without a pass over the bytes: the last that are not padding are the marker. */
  private boolean endsWithMarker() {
    int end = in.length();
    while (end > 2 && in.u8(end - 1) == 0) {
      end--;
    }
    return in.u8(end - 1) == EOI && in.u8(end - 2) == 0xff;
  }

  private int segmentLength(long segment) {
    int length = in.u16be(segment);
    if (length < 2) {
      throw in.corrupt("corrupt: a segment of " + length + " bytes at " + segment);
    }
    in.require(segment, length);
    return length;
  }

  private static boolean isStandalone(int marker) {
    return marker == SOI || marker == TEM || (marker >= 0xd0 && marker <= 0xd7);
  }

  private static boolean isStartOfFrame(int marker) {
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
  }
}

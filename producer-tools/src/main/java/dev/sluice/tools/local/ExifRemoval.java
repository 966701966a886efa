package dev.sluice.tools.local;

import java.io.ByteArrayOutputStream;

/**
 * Takes the EXIF segments out of a JPEG, for a photograph whose orientation tag is wrong: whoever
 * turned its pixels upright left the tag as it was, and everyone who honours it sees the picture on
 * its side.
 */
final class ExifRemoval {
  private static final int MARKER = 0xFF;
  private static final int START_OF_SCAN = 0xDA;
  private static final int APP1 = 0xE1;

  /** The marker that begins the file. */
  private static final int START = 2;

  private ExifRemoval() {}

  /**
   * The same JPEG without its APP1 segments (Exif, XMP).
   *
   * @throws IllegalArgumentException when its segments do not follow one another up to the scan
   */
  static byte[] apply(byte[] jpeg) {
    ByteArrayOutputStream kept = new ByteArrayOutputStream(jpeg.length);
    kept.write(jpeg, 0, START);
    int at = START;
    while (at + 4 <= jpeg.length && (jpeg[at] & 0xFF) == MARKER) {
      int marker = jpeg[at + 1] & 0xFF;
      if (marker == START_OF_SCAN) {
        kept.write(jpeg, at, jpeg.length - at);
        return kept.toByteArray();
      }
      int end = at + 2 + ((jpeg[at + 2] & 0xFF) << 8 | (jpeg[at + 3] & 0xFF));
      if (end > jpeg.length) {
        break;
      }
      if (marker != APP1) {
        kept.write(jpeg, at, end - at);
      }
      at = end;
    }
    throw new IllegalArgumentException("not a JPEG with a scan: it breaks off at byte " + at);
  }
}

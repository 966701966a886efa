package dev.sluice.worker.image;

import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.TaskException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads numbers out of an encoded image. Every read is checked: whatever lies outside the bytes is
 * IMAGE_CORRUPT, never an exception of the language. Positions are longs, so that sums of hostile
 * 32-bit numbers do not wrap.
 *
 * @param bytes not copied, not written to
 * @param format named in messages
 */
record EncodedBytes(byte[] bytes, Format format) {
  int length() {
    return bytes.length;
  }

  int u8(long at) {
    require(at, 1);
    return bytes[(int) at] & 0xff;
  }

  int u16be(long at) {
    return u8(at) << 8 | u8(at + 1);
  }

  int u16le(long at) {
    return u8(at + 1) << 8 | u8(at);
  }

  int u24le(long at) {
    return u8(at + 2) << 16 | u16le(at);
  }

  long u32be(long at) {
    return (long) u16be(at) << 16 | u16be(at + 2);
  }

  long u32le(long at) {
    return (long) u16le(at + 2) << 16 | u16le(at);
  }

  /** Whether the bytes at {@code at} are these ASCII characters; false past the end. */
  boolean hasAscii(long at, String text) {
    byte[] wanted = text.getBytes(StandardCharsets.ISO_8859_1);
    return at >= 0
        && at + wanted.length <= bytes.length
        && Arrays.equals(bytes, (int) at, (int) at + wanted.length, wanted, 0, wanted.length);
  }

  /** Refuses what is not wholly there. */
  void require(long at, long count) {
    if (at < 0 || count < 0 || at + count > bytes.length) {
      throw truncated("needs bytes up to " + (at + count));
    }
  }

  TaskException truncated(String what) {
    return corrupt("truncated: " + what + ", has " + bytes.length);
  }

  TaskException corrupt(String what) {
    return new TaskException(ErrorCode.IMAGE_CORRUPT, format.label() + " image is " + what);
  }
}

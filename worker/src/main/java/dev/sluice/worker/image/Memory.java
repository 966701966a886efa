package dev.sluice.worker.image;

import dev.sluice.worker.model.ByteBudget;
import dev.sluice.worker.model.ByteBudget.Reservation;
import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.TaskException;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.TimeoutException;

/**
 * Reads image bodies into reserved memory. Safe for any thread.
 *
 * @param budget where the memory is reserved
 * @param maxBytes of one encoded image
 */
record Memory(ByteBudget budget, long maxBytes) {
  /** A source that did not say how long its body is. */
  static final long UNKNOWN_LENGTH = -1;

  /**
   * Reserves room for a body and its renditions before the body is read.
   *
   * @param length of the body, or {@link #UNKNOWN_LENGTH}: then as much as is allowed
   * @throws TaskException with IMAGE_TOO_LARGE when the body says that it is, DEADLINE_EXCEEDED
   *     when memory was not free in time
   */
  Reservation reserve(long length, long renditionBytes, ImageUri source, TimeLimit limit)
      throws InterruptedException {
    if (length > maxBytes) {
      throw tooLarge(source.toString(), length + " bytes");
    }
    long body = length == UNKNOWN_LENGTH ? maxBytes : length;
    return reserve(body + renditionBytes, limit);
  }

  /** Reserves this much; the wait counts against the deadline, not the timeout. */
  Reservation reserve(long bytes, TimeLimit limit) throws InterruptedException {
    long start = System.nanoTime();
    try {
      return budget.reserve(bytes, limit.untilDeadline());
    } catch (TimeoutException e) {
      throw new TaskException(
          ErrorCode.DEADLINE_EXCEEDED,
          "the deadline passed while waiting for " + bytes + " bytes of memory",
          e);
    } finally {
      limit.waited(System.nanoTime() - start);
    }
  }

  /**
   * Reads a body to its end, never more than is allowed.
   *
   * @throws TaskException with IMAGE_TOO_LARGE when it goes on past that
   * @throws IOException when it ends before its length
   */
  byte[] read(InputStream body, long length, ImageUri source) throws IOException {
    if (length == UNKNOWN_LENGTH) {
      byte[] bytes = body.readNBytes((int) maxBytes);
      if (body.read() >= 0) {
        throw tooLarge(source.toString(), "more than that");
      }
      return bytes;
    }
    byte[] bytes = new byte[(int) length];
    int read = body.readNBytes(bytes, 0, bytes.length);
    if (read < bytes.length) {
      throw new IOException("the body ended after " + read + " of " + length + " bytes");
    }
    return bytes;
  }

  TaskException tooLarge(String source, String size) {
    return new TaskException(
        ErrorCode.IMAGE_TOO_LARGE,
        "%s is larger than the %d bytes allowed (images.max_bytes): %s"
            .formatted(source, maxBytes, size));
  }
}

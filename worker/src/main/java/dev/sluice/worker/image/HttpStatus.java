package dev.sluice.worker.image;

import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.TaskException;
import java.time.Duration;

/** What an HTTP status other than success means for an image (RFC 9110, section 15). Pure. */
final class HttpStatus {
  private HttpStatus() {}

  /** Whether the answer's body is the image. */
  static boolean isImage(int status) {
    return status == 200 || status == 203;
  }

  /** Whether the image is said to be elsewhere. */
  static boolean isRedirect(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
  }

  /**
   * The failure that a status stands for. A 4xx that is not about rights and not about the moment
   * means that the server has no image to give for this request, now or later.
   *
   * @param retryAfter what the server's header says; heeded where it is about the moment
   */
  static TaskException failure(int status, String source, Duration retryAfter) {
    ErrorCode code =
        switch (status) {
          case 401, 403, 407, 451 -> ErrorCode.IMAGE_ACCESS_DENIED;
          case 408, 421, 425, 429 -> ErrorCode.IMAGE_UNAVAILABLE;
          case 204, 205 -> ErrorCode.IMAGE_NOT_FOUND;
          default ->
              status >= 400 && status < 500
                  ? ErrorCode.IMAGE_NOT_FOUND
                  : ErrorCode.IMAGE_UNAVAILABLE;
        };
    boolean rest = (status == 429 || status == 503) && retryAfter.isPositive();
    return rest
        ? new TaskException(
            code,
            "%s answered with status %d and wants to be left alone for %d s"
                .formatted(source, status, retryAfter.toSeconds()),
            retryAfter)
        : new TaskException(code, source + " answered with status " + status);
  }
}

package dev.sluice.worker.model;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * A request cannot go on; thrown where the reason is known, so that it is classified there and
 * nowhere else. The message is read by the request's owner and by the people on call: it says what
 * happened and where, and holds no secret.
 */
public final class TaskException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final Duration retryAfter;

  public TaskException(ErrorCode code, String message) {
    this(code, message, Duration.ZERO);
  }

  /**
   * A failure whose origin said how long to leave it alone.
   *
   * @param retryAfter how long, not negative; zero when it did not say
   */
  public TaskException(ErrorCode code, String message, Duration retryAfter) {
    super(requireNonNull(message, "message is null"));
    this.code = requireNonNull(code, "code is null");
    this.retryAfter = requireNonNull(retryAfter, "retryAfter is null");
  }

  public TaskException(ErrorCode code, String message, Throwable cause) {
    super(requireNonNull(message, "message is null"), requireNonNull(cause, "cause is null"));
    this.code = requireNonNull(code, "code is null");
    this.retryAfter = Duration.ZERO;
  }

  public ErrorCode code() {
    return code;
  }

  /** How long the origin asked to be left alone; zero when it did not. */
  public Duration retryAfter() {
    return retryAfter;
  }
}

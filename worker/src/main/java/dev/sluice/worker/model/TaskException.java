package dev.sluice.worker.model;

import static java.util.Objects.requireNonNull;

/**
 * A request cannot go on; thrown where the reason is known, so that it is classified there and
 * nowhere else. The message is read by the request's owner and by the people on call: it says what
 * happened and where, and holds no secret.
 */
public final class TaskException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;

  public TaskException(ErrorCode code, String message) {
    super(requireNonNull(message, "message is null"));
    this.code = requireNonNull(code, "code is null");
  }

  public TaskException(ErrorCode code, String message, Throwable cause) {
    super(requireNonNull(message, "message is null"), requireNonNull(cause, "cause is null"));
    this.code = requireNonNull(code, "code is null");
  }

  public ErrorCode code() {
    return code;
  }
}

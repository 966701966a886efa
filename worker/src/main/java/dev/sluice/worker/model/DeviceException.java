package dev.sluice.worker.model;

import static java.util.Objects.requireNonNull;

/**
 * The device failed, not the images that it was given; thrown where the device's own error is
 * known. Nothing is said about any image with it: what was in the call has not been judged.
 */
public final class DeviceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What is wrong with the device. */
  public enum Kind {
    /** It has no room for a batch of this size now; a smaller one may fit. */
    OUT_OF_MEMORY,
    /** Nothing runs on it any more in this process; only a restart may help. */
    GONE
  }

  private final Kind kind;

  public DeviceException(Kind kind, String message) {
    super(requireNonNull(message, "message is null"));
    this.kind = requireNonNull(kind, "kind is null");
  }

  public DeviceException(Kind kind, String message, Throwable cause) {
    super(requireNonNull(message, "message is null"), requireNonNull(cause, "cause is null"));
    this.kind = requireNonNull(kind, "kind is null");
  }

  public Kind kind() {
    return kind;
  }
}

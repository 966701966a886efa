package dev.sluice.devstack;

/** A server did not start, died, or did not answer in time; the message ends with its log. */
public final class ServerException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Says what happened. */
  public ServerException(String message) {
    super(message);
  }

  /** Says what happened, and why. */
  public ServerException(String message, Throwable cause) {
    super(message, cause);
  }
}

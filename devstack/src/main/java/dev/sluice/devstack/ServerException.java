package dev.sluice.devstack;

/** A server did not start, died, or did not answer in time; the message ends with its log. */
public final class ServerException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ServerException(String message) {
    super(message);
  }

  ServerException(String message, Throwable cause) {
    super(message, cause);
  }
}

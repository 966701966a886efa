package dev.sluice.worker.kafka;

/** The worker cannot start; the message says what is wrong and what to do about it. */
public final class StartupException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StartupException(String message) {
    super(message);
  }

  StartupException(String message, Throwable cause) {
    super(message, cause);
  }
}

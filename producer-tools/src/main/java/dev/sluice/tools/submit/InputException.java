package dev.sluice.tools.submit;

/** One input cannot become a request. The message says why and what to do; the others go on. */
final class InputException extends Exception {
  private static final long serialVersionUID = 1L;

  InputException(String message) {
    super(message);
  }

  InputException(String message, Throwable cause) {
    super(message, cause);
  }
}

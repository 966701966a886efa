package dev.sluice.tools;

/**
 * Ends a command with one line for the person who typed it. The message says what went wrong,
 * where, and what to do about it; the stack trace is shown only under {@code --verbose}.
 */
public final class CommandException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final int exitCode;

  private CommandException(int exitCode, String message, Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  private CommandException(int exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  /** The thing asked for failed: exit code 1. */
  public static CommandException failed(String message) {
    return new CommandException(ExitCode.FAILED, message);
  }

  /** The thing asked for failed because of {@code cause}: exit code 1. */
  public static CommandException failed(String message, Throwable cause) {
    return new CommandException(ExitCode.FAILED, message, cause);
  }

  /** The command line, a file it names or a setting is wrong: exit code 2. */
  public static CommandException usage(String message) {
    return new CommandException(ExitCode.USAGE, message);
  }

  /**
   * The command line, a file it names or a setting is wrong, as {@code cause} says: exit code 2.
   */
  public static CommandException usage(String message, Throwable cause) {
    return new CommandException(ExitCode.USAGE, message, cause);
  }

  /** What the process tells the shell. */
  public int exitCode() {
    return exitCode;
  }
}

package dev.sluice.tools;

/** What the process tells the shell. The same three everywhere. */
public final class ExitCode {

  /** The thing asked for is done. */
  public static final int DONE = 0;

  /** The thing asked for failed. */
  public static final int FAILED = 1;

  /** The command line or the configuration is wrong; nothing was tried. */
  public static final int USAGE = 2;

  private ExitCode() {}
}

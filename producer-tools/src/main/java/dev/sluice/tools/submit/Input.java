package dev.sluice.tools.submit;

/** What one argument or one line of a CSV file turned out to be. */
sealed interface Input {

  /** A request to make. */
  record Accepted(Draft draft) implements Input {}

  /** Takes inputs one after the other, and may make them wait. */
  interface Consumer {
    void accept(Input input) throws InterruptedException;
  }

  /** Not usable. The others go on. */
  record Rejected(String where, String problem) implements Input {}
}

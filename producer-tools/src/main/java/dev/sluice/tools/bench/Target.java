package dev.sluice.tools.bench;

import java.util.Locale;

/** What a row is to reach. */
sealed interface Target {
  boolean isReached(double value);

  /** For people. */
  String text();

  /** At least this. */
  record AtLeast(double value) implements Target {
    @Override
    public boolean isReached(double reached) {
      return reached >= value;
    }

    @Override
    public String text() {
      return ">= " + number(value);
    }
  }

  /** At most this. */
  record AtMost(double value) implements Target {
    @Override
    public boolean isReached(double reached) {
      return reached <= value;
    }

    @Override
    public String text() {
      return "<= " + number(value);
    }
  }

  /** Nothing: it is there to be known. */
  record None() implements Target {
    @Override
    public boolean isReached(double reached) {
      return true;
    }

    @Override
    public String text() {
      return "";
    }
  }

  private static String number(double value) {
    return value == Math.rint(value)
        ? String.format(Locale.ROOT, "%.0f", value)
        : String.valueOf(value);
  }
}

package dev.sluice.tools;

import java.util.Locale;

/** Makes text that came from elsewhere, and figures, fit to print. Pure. */
public final class Text {

  private Text() {}

  /**
   * {@code text} on one line, without anything that a terminal would obey: line breaks and tabs
   * become spaces, other control and formatting characters become {@code ?}. Messages in results
   * and dead letters quote what came off the wire.
   */
  public static String oneLine(String text) {
    StringBuilder line = new StringBuilder(text.length());
    text.codePoints().map(Text::printable).forEach(line::appendCodePoint);
    return line.toString().strip();
  }

  /**
   * The first {@code width} characters of {@code text}, the last of them an ellipsis if some are
   * missing.
   */
  public static String shortened(String text, int width) {
    if (text.codePointCount(0, text.length()) <= width) {
      return text;
    }
    return text.substring(0, text.offsetByCodePoints(0, width - 1)) + "…";
  }

  /** A figure as people write it: three or four digits that mean something. */
  public static String number(double value) {
    double size = Math.abs(value);
    String format = size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : size >= 0.1 ? "%.2f" : "%.3f";
    return String.format(Locale.ROOT, format, value);
  }

  /** Whether a terminal may take {@code codePoint} for an order instead of showing it. */
  public static boolean isControl(int codePoint) {
    return printable(codePoint) != codePoint;
  }

  private static int printable(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> ' ';
      case Character.CONTROL ->
          codePoint == '\n' || codePoint == '\r' || codePoint == '\t' ? ' ' : '?';
      case Character.FORMAT, Character.SURROGATE, Character.PRIVATE_USE, Character.UNASSIGNED ->
          '?';
      default -> codePoint;
    };
  }
}

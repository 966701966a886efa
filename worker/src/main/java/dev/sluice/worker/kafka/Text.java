package dev.sluice.worker.kafka;

import java.nio.charset.StandardCharsets;

/** Bounds text that others wrote before it travels on. */
final class Text {
  private static final String CUT = "...";

  private Text() {}

  /** The text, cut to at most {@code max} characters, with an ellipsis where it was cut. */
  static String bounded(String text, int max) {
    if (text.length() <= max) {
      return text;
    }
    int end = max - CUT.length();
    if (Character.isHighSurrogate(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(0, end) + CUT;
  }

  /** What went wrong: the message, or the kind of exception when it has none. */
  static String message(Throwable thrown) {
    String message = thrown.getMessage();
    return message == null ? thrown.getClass().getName() : message;
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}

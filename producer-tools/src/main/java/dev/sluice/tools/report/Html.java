package dev.sluice.tools.report;

import dev.sluice.tools.Text;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;

/**
 * Writes HTML whose text and attribute values cannot become markup, whatever they hold: both go
 * through here and nowhere else. Control and formatting characters are replaced. Used by one
 * thread.
 */
public final class Html {
  private static final Set<String> VOID = Set.of("meta", "img", "br");

  private final StringBuilder out = new StringBuilder();
  private final Deque<String> open = new ArrayDeque<>();

  /**
   * Opens an element.
   *
   * @param tag a name of ours
   * @param attributes names of ours and values from anywhere, in turn
   */
  public Html open(String tag, String... attributes) {
    out.append('<').append(tag);
    for (int i = 0; i < attributes.length; i += 2) {
      out.append(' ').append(attributes[i]).append("=\"");
      escape(attributes[i + 1]);
      out.append('"');
    }
    out.append('>');
    if (!VOID.contains(tag)) {
      open.push(tag);
    }
    return this;
  }

  /** Closes the element that was opened last. */
  public Html close() {
    out.append("</").append(open.pop()).append('>');
    return this;
  }

  /** Text from anywhere. */
  public Html text(String text) {
    escape(text);
    return this;
  }

  /** An element that holds text from anywhere. */
  public Html element(String tag, String text, String... attributes) {
    return open(tag, attributes).text(text).close();
  }

  /** Markup of ours, such as a style sheet. Never anything that came from outside. */
  public Html trusted(String markup) {
    out.append(markup);
    return this;
  }

  /** A line break in the source, for those who read it. */
  public Html line() {
    out.append('\n');
    return this;
  }

  private void escape(String text) {
    String line = Text.oneLine(text);
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      switch (c) {
        case '&' -> out.append("&amp;");
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '"' -> out.append("&quot;");
        case '\'' -> out.append("&#39;");
        default -> out.append(c);
      }
    }
  }

  /** The page. */
  @Override
  public String toString() {
    if (!open.isEmpty()) {
      throw new IllegalStateException("not closed: " + open);
    }
    return out.toString();
  }
}

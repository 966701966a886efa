package dev.sluice.tools.submit;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The lines of a file that are not blank, one after the other, with a look ahead. One thread. */
final class Lines {
  private final BufferedReader reader;
  private final List<String> ahead = new ArrayList<>();
  private String current = "";
  private long number;
  private long seen;

  Lines(BufferedReader reader) {
    this.reader = reader;
  }

  /** Goes to the next line and says whether there is one. */
  boolean next() throws IOException {
    do {
      String line = ahead.isEmpty() ? reader.readLine() : ahead.removeFirst();
      if (line == null) {
        return false;
      }
      number++;
      current = number == 1 && line.startsWith("\ufeff") ? line.substring(1) : line;
    } while (current.isBlank());
    seen++;
    return true;
  }

  /** The line, without its end and without a byte order mark. */
  String current() {
    return current;
  }

  /** Its number in the file, from 1. */
  long number() {
    return number;
  }

  /** Whether it is the first one that is not blank. */
  boolean isFirst() {
    return seen == 1;
  }

  /**
   * How many of the following lines it takes to close a quote that the current one leaves open; 0
   * if it leaves none open, or none of the next {@code most} lines closes it.
   */
  int untilQuotesClose(int most) throws IOException {
    boolean open = hasOddQuotes(current);
    int used = 0;
    while (open && used < most) {
      if (used == ahead.size()) {
        String line = reader.readLine();
        if (line == null) {
          return 0;
        }
        ahead.add(line);
      }
      open = !hasOddQuotes(ahead.get(used));
      used++;
    }
    return open ? 0 : used;
  }

  /** The current line and the following ones as one text. */
  String joined(int more) {
    return current + "\n" + String.join("\n", ahead.subList(0, more));
  }

  /** Passes over following lines that have been looked at. */
  void skip(int count) {
    ahead.subList(0, count).clear();
    number += count;
  }

  static boolean hasOddQuotes(String line) {
    return line.chars().filter(c -> c == '"').count() % 2 == 1;
  }
}

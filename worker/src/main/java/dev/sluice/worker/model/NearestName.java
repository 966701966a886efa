package dev.sluice.worker.model;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Guesses which known name somebody meant. Pure. */
public final class NearestName {
  private NearestName() {}

  /**
   * The known name that takes the fewest edits to reach, if that is less than half its length. Case
   * and what separates words do not count.
   */
  public static Optional<String> of(String name, Collection<String> known) {
    String wanted = plain(name);
    return known.stream()
        .min(
            Comparator.comparingInt((String candidate) -> distance(wanted, plain(candidate)))
                .thenComparing(Comparator.naturalOrder()))
        .filter(nearest -> 2 * distance(wanted, plain(nearest)) < nearest.length());
  }

  /** "; did you mean x?" or nothing. */
  public static String hint(String name, Collection<String> known) {
    return of(name, known).map(nearest -> "; did you mean " + nearest + "?").orElse("");
  }

  private static String plain(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[-_. ]", "");
  }

  /**
   * Levenshtein's distance (insertions, deletions and replacements of one character), one row of
   * the table at a time.
   */
  static int distance(String from, String to) {
    int[] row = new int[to.length() + 1];
    for (int j = 0; j <= to.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int substituted = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[to.length()];
  }
}

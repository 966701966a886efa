package dev.sluice.tools.dlt;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Counts by group, in bounded memory: what is counted comes off the wire, where anybody can make up
 * any number of groups. Used by one thread.
 */
final class Counts<G> {

  /** A group and how many are in it. */
  record Count<G>(G group, long count) {}

  private final int limit;
  private final G others;

  /** Command thread only. */
  private final Map<G, Long> counts = new HashMap<>();

  /**
   * @param limit how many groups are told apart
   * @param others the group of all that come after that
   */
  Counts(int limit, G others) {
    this.limit = limit;
    this.others = others;
  }

  void add(G group) {
    G known = counts.containsKey(group) || counts.size() < limit ? group : others;
    counts.merge(known, 1L, Long::sum);
  }

  long total() {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  /** The groups, the largest first; of the same size, in the order of their names. */
  List<Count<G>> largestFirst() {
    List<Count<G>> sorted = new ArrayList<>();
    counts.forEach((group, count) -> sorted.add(new Count<>(group, count)));
    sorted.sort(
        Comparator.comparingLong((Count<G> count) -> count.count())
            .reversed()
            .thenComparing(count -> String.valueOf(count.group())));
    return sorted;
  }
}

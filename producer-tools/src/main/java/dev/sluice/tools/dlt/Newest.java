package dev.sluice.tools.dlt;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Keeps the newest of what it is given and lets go of the rest, so that a topic of any length can
 * be listed in bounded memory. Used by one thread.
 */
final class Newest {

  private static final Comparator<DltList.Line> BY_TIME =
      Comparator.comparing(DltList.Line::time)
          .thenComparingInt(DltList.Line::partition)
          .thenComparingLong(DltList.Line::offset);

  private final int limit;

  /** Command thread only. The oldest is first to go. */
  private final PriorityQueue<DltList.Line> kept = new PriorityQueue<>(BY_TIME);

  /**
   * @param limit how many to keep, at least 1
   */
  Newest(int limit) {
    this.limit = limit;
  }

  void add(DltList.Line line) {
    kept.add(line);
    if (kept.size() > limit) {
      kept.remove();
    }
  }

  /** What was kept, oldest first. */
  List<DltList.Line> oldestFirst() {
    List<DltList.Line> lines = new ArrayList<>(kept);
    lines.sort(BY_TIME);
    return lines;
  }
}

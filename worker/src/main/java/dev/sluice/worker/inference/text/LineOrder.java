package dev.sluice.worker.inference.text;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The order in which a person reads: rows from top to bottom, each from left to right. A row is
 * what stands beside its topmost line: boxes whose centre is no farther from that one's, in height,
 * than half of the flatter box.
 */
final class LineOrder {
  private LineOrder() {}

  /** The indices of the boxes in reading order. */
  static List<Integer> of(List<LineBox> boxes) {
    List<Integer> waiting = new ArrayList<>();
    for (int i = 0; i < boxes.size(); i++) {
      waiting.add(i);
    }
    waiting.sort(Comparator.comparingDouble(index -> boxes.get(index).centerY()));
    List<Integer> order = new ArrayList<>(boxes.size());
    while (!waiting.isEmpty()) {
      LineBox first = boxes.get(waiting.getFirst());
      List<Integer> row = new ArrayList<>();
      waiting.removeIf(index -> sameRow(first, boxes.get(index)) && row.add(index));
      row.sort(Comparator.comparingDouble(index -> boxes.get(index).centerX()));
      order.addAll(row);
    }
    return order;
  }

  private static boolean sameRow(LineBox first, LineBox other) {
    return other.centerY() - first.centerY()
        <= Math.min(first.verticalReach(), other.verticalReach());
  }
}

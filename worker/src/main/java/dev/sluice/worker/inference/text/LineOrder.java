package dev.sluice.worker.inference.text;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The order in which a person reads: rows from top to bottom, each from left to right; or, where
 * most of the text runs downwards, columns from right to left, each from top to bottom, as on a
 * page that lies on its side and as in vertical Chinese and Japanese. A row is what stands beside
 * its first line: boxes whose centre is no farther down from that one's than half of the flatter
 * box.
 */
final class LineOrder {
  private LineOrder() {}

  /** Where a box stands in the direction of reading: which one it is, how far down, how far on. */
  private record Place(int index, double down, double on, double reach) {
    static Place of(int index, LineBox box, boolean downwards) {
      return downwards
          ? new Place(index, -box.centerX(), box.centerY(), box.horizontalReach())
          : new Place(index, box.centerY(), box.centerX(), box.verticalReach());
    }

    boolean inRowOf(Place first) {
      return down - first.down <= Math.min(first.reach, reach);
    }
  }

  /** The indices of the boxes in reading order. */
  static List<Integer> of(List<LineBox> boxes) {
    boolean downwards = boxes.stream().mapToDouble(LineOrder::downwards).sum() > 0;
    List<Place> waiting = new ArrayList<>();
    for (int i = 0; i < boxes.size(); i++) {
      waiting.add(Place.of(i, boxes.get(i), downwards));
    }
    waiting.sort(Comparator.comparingDouble(Place::down));
    List<Integer> order = new ArrayList<>(boxes.size());
    while (!waiting.isEmpty()) {
      Place first = waiting.getFirst();
      List<Place> row = new ArrayList<>();
      waiting.removeIf(place -> place.inRowOf(first) && row.add(place));
      row.sort(Comparator.comparingDouble(Place::on));
      row.forEach(place -> order.add(place.index()));
    }
    return order;
  }

  /** The line's length if it runs more downwards than across, else that length taken off. */
  private static double downwards(LineBox box) {
    return Math.abs(box.acrossY()) > Math.abs(box.acrossX()) ? box.width() : -box.width();
  }
}

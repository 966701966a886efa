package dev.sluice.worker.inference.detection;

import java.util.Arrays;

/**
 * Greedy non-maximum suppression: the best box stays, the boxes of its class that overlap it too
 * much go, and so on. Boxes of different classes never suppress each other. Pure.
 */
final class NonMaximumSuppression {
  /**
   * Only so many of the best are looked at, so that a detector gone wild cannot take for ever
   * (Ultralytics' max_nms, ultralytics/utils/nms.py).
   */
  private static final int MOST_CANDIDATES = 30_000;

  private NonMaximumSuppression() {}

  /**
   * The boxes that stay, highest score first; of equal scores the earlier one.
   *
   * @param iouThreshold a box goes when it shares more than this with a better one of its class; 1
   *     keeps all
   * @param maximum how many stay at most
   */
  static int[] keep(Candidates candidates, float iouThreshold, int maximum) {
    long[] order = new long[candidates.size()];
    for (int i = 0; i < order.length; i++) {
      // Scores are not negative, so their bits rise with them.
      int bits = Float.floatToIntBits(candidates.score(i));
      order[i] = ((long) (Integer.MAX_VALUE - bits) << Integer.SIZE) | i;
    }
    Arrays.sort(order);
    int[] kept = new int[Math.min(maximum, order.length)];
    int count = 0;
    int looked = Math.min(order.length, MOST_CANDIDATES);
    for (int rank = 0; rank < looked && count < kept.length; rank++) {
      int index = (int) order[rank];
      if (!suppressed(candidates, index, kept, count, iouThreshold)) {
        kept[count++] = index;
      }
    }
    return Arrays.copyOf(kept, count);
  }

  private static boolean suppressed(
      Candidates candidates, int index, int[] kept, int count, float iouThreshold) {
    for (int i = 0; i < count; i++) {
      if (candidates.classIndex(kept[i]) == candidates.classIndex(index)
          && candidates.intersectionOverUnion(kept[i], index) > iouThreshold) {
        return true;
      }
    }
    return false;
  }
}

package dev.sluice.worker.inference.detection;

import dev.sluice.worker.inference.FloatTensor;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * Reads one image's candidates out of a detector's output: the boxes whose best class has at least
 * the threshold's score, each with that class alone. What is not a number is not found. Pure.
 */
final class BoxDecoder {
  private static final int NONE = -1;

  /** What is written as a class but is greater than this is none. */
  private static final float MOST_CLASSES = 1e6f;

  private BoxDecoder() {}

  /**
   * {@link BoxLayout#CLASS_SCORES}. One pass over the tensor in the order of its memory.
   *
   * @param output [N, 4 + classes, anchors]
   * @param image which of the N
   */
  static Candidates classScores(FloatTensor output, int image, float threshold) {
    int rows = output.dimension(1);
    int anchors = output.dimension(2);
    FloatBuffer values = output.values();
    int start = image * rows * anchors;
    float[] best = new float[anchors];
    int[] bestClass = new int[anchors];
    Arrays.fill(best, Math.nextDown(threshold));
    Arrays.fill(bestClass, NONE);
    for (int row = 4; row < rows; row++) {
      int at = start + row * anchors;
      for (int anchor = 0; anchor < anchors; anchor++, at++) {
        float score = values.get(at);
        if (score > best[anchor]) {
          best[anchor] = score;
          bestClass[anchor] = row - 4;
        }
      }
    }
    Candidates candidates = new Candidates();
    for (int anchor = 0; anchor < anchors; anchor++) {
      if (bestClass[anchor] != NONE) {
        int at = start + anchor;
        candidates.addCentered(
            values.get(at),
            values.get(at + anchors),
            values.get(at + 2 * anchors),
            values.get(at + 3 * anchors),
            best[anchor],
            bestClass[anchor]);
      }
    }
    return candidates;
  }

  /**
   * {@link BoxLayout#OBJECTNESS}.
   *
   * @param output [N, anchors, 5 + classes]
   * @param image which of the N
   */
  static Candidates objectness(FloatTensor output, int image, float threshold) {
    int anchors = output.dimension(1);
    int columns = output.dimension(2);
    FloatBuffer values = output.values();
    Candidates candidates = new Candidates();
    for (int anchor = 0; anchor < anchors; anchor++) {
      int at = (image * anchors + anchor) * columns;
      float objectness = values.get(at + 4);
      // Scores are at most 1, so no class can lift what begins below the threshold.
      if (objectness >= threshold) {
        int best = highest(values, at + 5, at + columns);
        if (best != NONE && objectness * values.get(best) >= threshold) {
          candidates.addCentered(
              values.get(at),
              values.get(at + 1),
              values.get(at + 2),
              values.get(at + 3),
              objectness * values.get(best),
              best - at - 5);
        }
      }
    }
    return candidates;
  }

  /**
   * {@link BoxLayout#END_TO_END}.
   *
   * @param output [N, boxes, 6]
   * @param image which of the N
   */
  static Candidates endToEnd(FloatTensor output, int image, float threshold) {
    int boxes = output.dimension(1);
    FloatBuffer values = output.values();
    Candidates candidates = new Candidates();
    for (int box = 0; box < boxes; box++) {
      int at = (image * boxes + box) * 6;
      float classIndex = values.get(at + 5);
      if (values.get(at + 4) >= threshold && classIndex >= 0 && classIndex <= MOST_CLASSES) {
        candidates.add(
            values.get(at),
            values.get(at + 1),
            values.get(at + 2),
            values.get(at + 3),
            values.get(at + 4),
            Math.round(classIndex));
      }
    }
    return candidates;
  }

  /**
   * {@link BoxLayout#FRACTIONS}.
   *
   * @param boxes [N, anchors, 4]
   * @param scores [N, anchors, classes]
   * @param image which of the N
   * @param width of the input in pixels
   * @param height of the input in pixels
   */
  static Candidates fractions(
      FloatTensor boxes, FloatTensor scores, int image, float threshold, int width, int height) {
    int anchors = scores.dimension(1);
    int classes = scores.dimension(2);
    Candidates candidates = new Candidates();
    for (int anchor = 0; anchor < anchors; anchor++) {
      int row = image * anchors + anchor;
      int best = highest(scores.values(), row * classes + 1, (row + 1) * classes);
      if (best != NONE && scores.values().get(best) >= threshold) {
        int at = 4 * row;
        candidates.add(
            boxes.values().get(at) * width,
            boxes.values().get(at + 1) * height,
            boxes.values().get(at + 2) * width,
            boxes.values().get(at + 3) * height,
            scores.values().get(best),
            best - row * classes);
      }
    }
    return candidates;
  }

  /** Where the highest number from {@code from} to before {@code to} stands. */
  private static int highest(FloatBuffer values, int from, int to) {
    int best = NONE;
    float highest = Float.NEGATIVE_INFINITY;
    for (int i = from; i < to; i++) {
      if (values.get(i) > highest) {
        highest = values.get(i);
        best = i;
      }
    }
    return best;
  }
}

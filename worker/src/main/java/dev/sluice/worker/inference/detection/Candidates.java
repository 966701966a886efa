package dev.sluice.worker.inference.detection;

import java.util.Arrays;

/**
 * Boxes that may be objects, in the input's pixels, in arrays that grow: a detector offers
 * thousands an image. Used by one thread.
 */
final class Candidates {
  private float[] corners = new float[4 * 64];
  private float[] scores = new float[64];
  private int[] classes = new int[64];
  private int size;

  /** Adds a box unless it is empty or not all numbers: a broken one is nothing that was found. */
  void add(float xMin, float yMin, float xMax, float yMax, float score, int classIndex) {
    float width = xMax - xMin;
    float height = yMax - yMin;
    // An infinite corner makes an infinite side, and nothing compares with what is not a number.
    if (!(width > 0 && width <= Float.MAX_VALUE && height > 0 && height <= Float.MAX_VALUE)
        || !(score <= Float.MAX_VALUE)) {
      return;
    }
    if (size == scores.length) {
      corners = Arrays.copyOf(corners, 8 * size);
      scores = Arrays.copyOf(scores, 2 * size);
      classes = Arrays.copyOf(classes, 2 * size);
    }
    corners[4 * size] = xMin;
    corners[4 * size + 1] = yMin;
    corners[4 * size + 2] = xMax;
    corners[4 * size + 3] = yMax;
    scores[size] = score;
    classes[size] = classIndex;
    size++;
  }

  /** As {@link #add}, for a box given by its centre and its sides. */
  void addCentered(float x, float y, float width, float height, float score, int classIndex) {
    add(x - width / 2, y - height / 2, x + width / 2, y + height / 2, score, classIndex);
  }

  int size() {
    return size;
  }

  float xMin(int index) {
    return corners[4 * index];
  }

  float yMin(int index) {
    return corners[4 * index + 1];
  }

  float xMax(int index) {
    return corners[4 * index + 2];
  }

  float yMax(int index) {
    return corners[4 * index + 3];
  }

  float score(int index) {
    return scores[index];
  }

  int classIndex(int index) {
    return classes[index];
  }

  /** The area that two boxes share over the area that they cover together, 0 to 1. */
  float intersectionOverUnion(int a, int b) {
    float width = Math.min(xMax(a), xMax(b)) - Math.max(xMin(a), xMin(b));
    float height = Math.min(yMax(a), yMax(b)) - Math.max(yMin(a), yMin(b));
    if (width <= 0 || height <= 0) {
      return 0;
    }
    float shared = width * height;
    return shared / (area(a) + area(b) - shared);
  }

  private float area(int index) {
    return (xMax(index) - xMin(index)) * (yMax(index) - yMin(index));
  }
}

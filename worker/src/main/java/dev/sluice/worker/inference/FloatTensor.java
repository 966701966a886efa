package dev.sluice.worker.inference;

import java.nio.FloatBuffer;
import java.util.List;

/**
 * Numbers and their shape, row-major.
 *
 * @param shape every dimension, the batch first
 * @param values exactly as many as the shape says, from index 0 to the limit; not copied, and read
 *     by index only, so that its position says nothing
 */
public record FloatTensor(List<Long> shape, FloatBuffer values) {
  public FloatTensor {
    shape = List.copyOf(shape);
    long size = 1;
    for (long dimension : shape) {
      size = Math.multiplyExact(size, dimension);
    }
    if (size != values.limit()) {
      throw new IllegalArgumentException(values.limit() + " values do not fill the shape " + shape);
    }
  }

  public FloatTensor(List<Long> shape, float[] values) {
    this(shape, FloatBuffer.wrap(values));
  }

  /** The dimension at {@code axis} as an int. */
  public int dimension(int axis) {
    return Math.toIntExact(shape.get(axis));
  }

  @Override
  public String toString() {
    return "FloatTensor" + shape;
  }
}

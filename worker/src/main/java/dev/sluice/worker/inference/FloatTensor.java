package dev.sluice.worker.inference;

import java.util.List;

/**
 * Numbers and their shape, row-major.
 *
 * @param shape every dimension, the batch first
 * @param values exactly as many as the shape says, from index 0; not copied
 */
public record FloatTensor(List<Long> shape, float[] values) {
  public FloatTensor {
    shape = List.copyOf(shape);
    long size = shape.stream().mapToLong(Long::longValue).reduce(1, Math::multiplyExact);
    if (size != values.length) {
      throw new IllegalArgumentException(values.length + " values do not fill the shape " + shape);
    }
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

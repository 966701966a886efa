package dev.sluice.worker.inference;

import dev.sluice.worker.model.Pixels;
import java.nio.FloatBuffer;
import java.util.List;

/**
 * One ONNX graph on one lane. Owned by the lane: only the lane's thread calls it, so an
 * implementation reuses its memory from one call to the next. What a run gave is to be read, or
 * copied, before the next one: {@link GraphOutputs}.
 */
public interface Graph extends AutoCloseable {
  /** Writes the numbers of one row of a batch. */
  interface RowWriter {
    /**
     * Writes a row.
     *
     * @param row which of the batch
     * @param numbers exactly the row's, all 0 before the call; written by index
     */
    void write(int row, FloatBuffer numbers);
  }

  /** What the graph takes and gives, and the metadata in its file; the same for every lane. */
  GraphSignature signature();

  /**
   * Runs the graph on its one image input.
   *
   * @param input the batch, in the layout that the signature says
   * @return the outputs by name, valid until the next run
   * @throws dev.sluice.worker.model.TaskException with MODEL_FAILED when ONNX Runtime refuses
   * @throws dev.sluice.worker.model.DeviceException when the device failed and not the batch
   */
  GraphOutputs run(FloatTensor input);

  /**
   * Runs the graph on images of one size. The same as {@code run(normalizer.tensor(images))}; a
   * graph that has a buffer writes the numbers straight into it.
   *
   * @throws dev.sluice.worker.model.TaskException with MODEL_FAILED when ONNX Runtime refuses
   * @throws dev.sluice.worker.model.DeviceException when the device failed and not the batch
   */
  default GraphOutputs run(List<Pixels> images, Normalizer normalizer) {
    return run(normalizer.tensor(images));
  }

  /**
   * Runs the graph on rows that are written one by one, where it has a buffer straight into it.
   *
   * @param shape of the input, the batch first
   * @throws dev.sluice.worker.model.TaskException with MODEL_FAILED when ONNX Runtime refuses
   * @throws dev.sluice.worker.model.DeviceException when the device failed and not the batch
   */
  default GraphOutputs run(List<Long> shape, RowWriter rows) {
    int count = Math.toIntExact(shape.getFirst());
    int length =
        Math.toIntExact(
            shape.stream().skip(1).mapToLong(Long::longValue).reduce(1, Math::multiplyExact));
    FloatBuffer values = FloatBuffer.allocate(Math.multiplyExact(count, length));
    for (int row = 0; row < count; row++) {
      rows.write(row, values.slice(row * length, length));
    }
    return run(new FloatTensor(shape, values));
  }

  /** Frees the graph's own memory. Nobody runs it any more. */
  @Override
  default void close() {}
}

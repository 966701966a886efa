package dev.sluice.worker.inference;

import dev.sluice.worker.model.Pixels;
import java.util.List;

/**
 * One ONNX graph on one lane. Owned by the lane: only the lane's thread calls it, so an
 * implementation may reuse its buffers from one call to the next.
 */
public interface Graph {
  /** What the graph takes and gives, and the metadata in its file; the same for every lane. */
  GraphSignature signature();

  /**
   * Runs the graph on its one image input.
   *
   * @param input the batch, in the layout that the signature says
   * @return the outputs by name, in memory of their own
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
}

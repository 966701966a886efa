package dev.sluice.worker.inference;

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
   */
  GraphOutputs run(FloatTensor input);
}

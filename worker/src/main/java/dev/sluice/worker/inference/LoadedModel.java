package dev.sluice.worker.inference;

import dev.sluice.worker.inference.GraphSignature.TensorSignature;
import java.util.List;

/**
 * One graph on its device, shared by all lanes of a model. Any thread may run its graphs; whoever
 * closes it has made sure that no thread runs one any more, see {@link ServedModel#close}.
 */
sealed interface LoadedModel extends AutoCloseable permits OrtModel, SimulatedModel {
  /** What the graph takes and gives. */
  GraphSignature signature();

  /** The Open Inference Protocol's name for what runs it. */
  String platform();

  /**
   * A graph with buffers of its own, for one lane.
   *
   * @throws ModelConfigurationException when the graph does not take exactly one tensor of a type
   *     that an image can become
   */
  Graph newGraph();

  /** Frees its memory. */
  @Override
  void close();

  /** How many images each run takes, or {@link Resize#DYNAMIC} for any number. */
  default int fixedBatch() {
    List<TensorSignature> inputs = signature().inputs();
    return inputs.size() == 1 && !inputs.getFirst().shape().isEmpty()
        ? Math.toIntExact(inputs.getFirst().shape().getFirst())
        : Resize.DYNAMIC;
  }
}

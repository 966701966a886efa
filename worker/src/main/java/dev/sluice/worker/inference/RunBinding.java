package dev.sluice.worker.inference;

import ai.onnxruntime.OnnxTensor;
import dev.sluice.worker.model.Output.NamedTensor;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What one run of a graph is given for one shape of its input: tensors over the lane's own memory,
 * made once and used for every run of that shape. Owned by one lane.
 *
 * @param input the one input, by name
 * @param pinned outputs that ONNX Runtime writes into the lane's memory, by name
 * @param requested outputs for which it allocates
 * @param views what the pinned outputs hold after a run, by name
 */
record RunBinding(
    Map<String, OnnxTensor> input,
    Map<String, OnnxTensor> pinned,
    Set<String> requested,
    Map<String, NamedTensor> views)
    implements AutoCloseable {
  /** With no output pinned. */
  static RunBinding unpinned(String name, OnnxTensor input, List<String> outputs) {
    return new RunBinding(Map.of(name, input), Map.of(), Set.copyOf(outputs), Map.of());
  }

  /** Frees the tensors; the memory that they read and write is left. */
  @Override
  public void close() {
    input.values().forEach(OnnxTensor::close);
    pinned.values().forEach(OnnxTensor::close);
  }
}

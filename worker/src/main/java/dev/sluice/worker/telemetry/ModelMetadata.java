package dev.sluice.worker.telemetry;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * What the Open Inference Protocol tells of a model.
 *
 * @param versions all that can be asked for, the serving one included
 * @param platform such as onnxruntime_onnx
 */
public record ModelMetadata(
    String name,
    List<String> versions,
    String platform,
    List<Tensor> inputs,
    List<Tensor> outputs) {
  public ModelMetadata {
    requireNonNull(name, "name is null");
    versions = List.copyOf(versions);
    requireNonNull(platform, "platform is null");
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  /**
   * One input or output.
   *
   * @param datatype the protocol's name of it: FP32, INT64 ...
   * @param shape -1 for a dynamic dimension
   */
  public record Tensor(String name, String datatype, List<Long> shape) {
    public Tensor {
      requireNonNull(name, "name is null");
      requireNonNull(datatype, "datatype is null");
      shape = List.copyOf(shape);
    }
  }
}

package dev.sluice.worker.inference;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Map;

/**
 * What an ONNX file says of itself.
 *
 * @param inputs the graph's inputs in its own order
 * @param outputs the graph's outputs in its own order
 * @param metadata the file's custom metadata (Ultralytics writes task, names, stride and imgsz;
 *     PP-OCR writes the character list)
 */
public record GraphSignature(
    List<TensorSignature> inputs, List<TensorSignature> outputs, Map<String, String> metadata) {
  public GraphSignature {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    metadata = Map.copyOf(metadata);
  }

  /**
   * One input or output.
   *
   * @param name its name in the graph
   * @param datatype Open Inference Protocol data type (FP32, INT64 ...)
   * @param shape its dimensions; -1 (as ONNX Runtime and the protocol write it) for a dynamic one
   */
  public record TensorSignature(String name, String datatype, List<Long> shape) {
    public TensorSignature {
      requireNonNull(name, "name is null");
      requireNonNull(datatype, "datatype is null");
      shape = List.copyOf(shape);
    }

    @Override
    public String toString() {
      return name + " " + datatype + shape;
    }
  }
}

package dev.sluice.worker.inference;

import static java.util.Objects.requireNonNull;

import dev.sluice.worker.inference.GraphSignature.TensorSignature;
import java.util.List;

/**
 * What {@code GET /v2/models/NAME} answers in the Open Inference Protocol.
 *
 * @param name the model's name
 * @param versions all versions that can be asked for, ascending
 * @param platform what runs it
 * @param inputs of its main graph, the batch dimension first
 * @param outputs of its main graph, the batch dimension first
 */
public record ModelMetadata(
    String name,
    List<String> versions,
    String platform,
    List<TensorSignature> inputs,
    List<TensorSignature> outputs) {
  public ModelMetadata {
    requireNonNull(name, "name is null");
    versions = List.copyOf(versions);
    requireNonNull(platform, "platform is null");
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }
}

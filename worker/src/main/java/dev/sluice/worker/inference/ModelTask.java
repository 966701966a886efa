package dev.sluice.worker.inference;

import dev.sluice.worker.model.Geometry;
import dev.sluice.worker.model.Output;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a model is for: how images become its input and its tensors become an {@link Output}.
 * Immutable; every lane's thread calls the same instance at once.
 */
public interface ModelTask {
  /** The geometries in which the task wants each image, never empty. */
  List<Geometry> geometries();

  /**
   * Refuses a request's parameters before anything is fetched.
   *
   * @throws dev.sluice.worker.model.TaskException with INVALID_REQUEST, naming the parameter, the
   *     value and what is allowed
   */
  void validateParameters(Map<String, String> parameters);

  /**
   * How images become the input of the graph "model", when nothing but that is done to them; empty
   * when the task writes the input itself.
   */
  default Optional<Normalizer> normalizer() {
    return Optional.empty();
  }

  /**
   * Runs a batch.
   *
   * @param graphs the lane's graphs by file name without ".onnx": always "model", and what else the
   *     task needs ("recognition")
   * @param batch one to {@code max_batch_size} images
   * @return one output for each image, in the batch's order
   */
  List<Output> infer(Map<String, Graph> graphs, List<InferenceInput> batch);
}

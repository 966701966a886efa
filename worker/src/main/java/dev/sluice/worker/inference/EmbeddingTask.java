package dev.sluice.worker.inference;

import dev.sluice.worker.inference.GraphSignature.TensorSignature;
import dev.sluice.worker.model.Geometry;
import dev.sluice.worker.model.Output;
import dev.sluice.worker.model.Output.Embedding;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The image as one vector: one output {@code [batch, ...]}, flattened. A request has no parameters.
 */
final class EmbeddingTask implements ModelTask {
  /** What is done to the vector. */
  enum Normalization {
    /** Nothing. */
    NONE,
    /** Scaled to length 1, so that a dot product of two is their cosine. A zero vector stays. */
    L2
  }

  private final ImageInput image;
  private final OutputTensor vector;
  private final Normalization normalization;

  private EmbeddingTask(ImageInput image, OutputTensor vector, Normalization normalization) {
    this.image = image;
    this.vector = vector;
    this.normalization = normalization;
  }

  /**
   * Builds it for a graph.
   *
   * @throws IllegalArgumentException when the graph gives no vector; names the tensor and the
   *     shapes
   */
  static EmbeddingTask of(ModelSettings settings, GraphSignature signature) {
    ImageInput image = ImageInput.of(settings, signature, Resize.Kind.STRETCH);
    TensorSignature output = OutputTensor.choose(settings, signature);
    if (output.shape().size() < 2) {
      throw new IllegalArgumentException(
          "output %s is no vector for each image: expected [batch, length], found %s"
              .formatted(output.name(), output.shape()));
    }
    return new EmbeddingTask(
        image,
        new OutputTensor(output.name()),
        settings.get(ModelKey.NORMALIZE, Normalization.NONE));
  }

  @Override
  public List<Geometry> geometries() {
    return List.of(image.geometry());
  }

  @Override
  public Optional<Normalizer> normalizer() {
    return Optional.of(image.normalizer());
  }

  @Override
  public void validateParameters(Map<String, String> parameters) {
    NumberParameter.validate(parameters, List.of());
  }

  @Override
  public List<Output> infer(Map<String, Graph> graphs, List<InferenceInput> batch) {
    return image.run(Graphs.main(graphs), batch, vector::rows).stream()
        .<Output>map(row -> new Embedding(normalized(row)))
        .toList();
  }

  private float[] normalized(float[] values) {
    if (normalization == Normalization.L2) {
      double squares = 0;
      for (float value : values) {
        squares += (double) value * value;
      }
      double length = Math.sqrt(squares);
      for (int i = 0; length > 0 && i < values.length; i++) {
        values[i] = (float) (values[i] / length);
      }
    }
    return values;
  }
}

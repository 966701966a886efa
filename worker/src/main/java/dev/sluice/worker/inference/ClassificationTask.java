package dev.sluice.worker.inference;

import dev.sluice.worker.inference.GraphSignature.TensorSignature;
import dev.sluice.worker.model.Geometry;
import dev.sluice.worker.model.Output;
import dev.sluice.worker.model.Output.ClassScore;
import dev.sluice.worker.model.Output.Classification;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What an image shows as a whole: one output {@code [batch, classes]}, its best classes by
 * probability.
 *
 * <p>One parameter of a request: {@code top_k}, how many classes it wants.
 */
final class ClassificationTask implements ModelTask {
  private static final int DEFAULT_TOP_K = 5;

  private final ImageInput image;
  private final OutputTensor scores;
  private final List<String> labels;
  private final Activation activation;
  private final NumberParameter topK;

  private ClassificationTask(
      ImageInput image,
      OutputTensor scores,
      List<String> labels,
      Activation activation,
      NumberParameter topK) {
    this.image = image;
    this.scores = scores;
    this.labels = labels;
    this.activation = activation;
    this.topK = topK;
  }

  /**
   * Builds it for a graph.
   *
   * @throws IllegalArgumentException when the graph is no classifier, or model.yaml says what the
   *     graph contradicts; names the tensor and the shapes
   */
  static ClassificationTask of(ModelSettings settings, GraphSignature signature) {
    ImageInput image = ImageInput.of(settings, signature, Resize.Kind.STRETCH);
    TensorSignature output = OutputTensor.choose(settings, signature);
    int classes = classes(output);
    List<String> labels =
        settings
            .get(ModelKey.LABELS)
            .or(() ->
                UltralyticsMetadata.read(signature.metadata()).map(UltralyticsMetadata::labels))
            .filter(said -> !said.isEmpty())
            .orElseGet(() -> IntStream.range(0, classes).mapToObj(String::valueOf).toList());
    if (labels.size() != classes) {
      throw new IllegalArgumentException(
          "output %s scores %d classes, but there are %d labels"
              .formatted(output, classes, labels.size()));
    }
    int unset = Math.min(settings.get(ModelKey.TOP_K, DEFAULT_TOP_K), classes);
    return new ClassificationTask(
        image,
        new OutputTensor(output.name()),
        labels,
        settings.get(ModelKey.ACTIVATION, Activation.AUTO),
        NumberParameter.count("top_k", 1, classes, unset));
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
    NumberParameter.validate(parameters, List.of(topK));
  }

  @Override
  public List<Output> infer(Map<String, Graph> graphs, List<InferenceInput> batch) {
    List<float[]> rows = image.run(Graphs.main(graphs), batch, scores::rows);
    return IntStream.range(0, batch.size())
        .mapToObj(i -> best(rows.get(i), (int) topK.in(batch.get(i).parameters())))
        .toList();
  }

  private Output best(float[] row, int count) {
    activation.apply(row);
    List<ClassScore> classes = new ArrayList<>(count);
    for (int index : highest(row, count)) {
      classes.add(new ClassScore(index, labels.get(index), row[index]));
    }
    return new Classification(classes);
  }

  /** Where the highest of these finite numbers stand, highest first; the first of equals first. */
  static int[] highest(float[] row, int count) {
    int[] best = new int[count];
    int found = 0;
    for (int index = 0; index < row.length; index++) {
      if (found == count && row[index] <= row[best[count - 1]]) {
        continue;
      }
      int place = found < count ? found++ : count - 1;
      for (; place > 0 && row[best[place - 1]] < row[index]; place--) {
        best[place] = best[place - 1];
      }
      best[place] = index;
    }
    return best;
  }

  private static int classes(TensorSignature output) {
    List<Long> shape = output.shape();
    boolean row =
        shape.size() >= 2
            && shape.get(1) > 0
            && shape.subList(2, shape.size()).stream().allMatch(dimension -> dimension == 1);
    if (!row) {
      throw new IllegalArgumentException(
          "output %s scores no classes: expected [batch, classes], found %s"
              .formatted(output.name(), shape));
    }
    return Math.toIntExact(shape.get(1));
  }
}

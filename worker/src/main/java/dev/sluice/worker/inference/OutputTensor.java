package dev.sluice.worker.inference;

import dev.sluice.worker.inference.GraphSignature.TensorSignature;
import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.TaskException;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The one floating-point output that a task reads: one row of numbers for each image.
 *
 * @param name its name in the graph
 */
record OutputTensor(String name) {
  private static final Set<String> FLOATS = Set.of("FP32", "FP16");

  /**
   * Chooses it.
   *
   * @throws IllegalArgumentException when model.yaml names one that is not there, or names none and
   *     there are several, or it holds no floating-point numbers
   */
  static TensorSignature choose(ModelSettings settings, GraphSignature signature) {
    List<TensorSignature> outputs = signature.outputs();
    TensorSignature chosen =
        settings
            .get(ModelKey.OUTPUT)
            .map(name -> named(name, outputs))
            .orElseGet(() -> only(outputs));
    if (!FLOATS.contains(chosen.datatype())) {
      throw new IllegalArgumentException(
          "output %s is %s; expected FP32 or FP16".formatted(chosen, chosen.datatype()));
    }
    return chosen;
  }

  /**
   * The rows of one run, each in an array of its own.
   *
   * @throws TaskException with MODEL_FAILED when a number of an image's row is not finite, or there
   *     is not a row for each image
   */
  List<float[]> rows(GraphOutputs outputs, int images) {
    FloatTensor tensor = outputs.floats(name);
    if (tensor.shape().isEmpty() || tensor.dimension(0) != images) {
      throw new TaskException(
          ErrorCode.MODEL_FAILED,
          "output %s has the shape %s for a batch of %d; expected %d rows"
              .formatted(name, tensor.shape(), images, images));
    }
    int length = tensor.values().limit() / images;
    return IntStream.range(0, images)
        .mapToObj(i -> {
          float[] row = new float[length];
          tensor.values().get(i * length, row);
          return finite(row);
        })
        .toList();
  }

  private float[] finite(float[] row) {
    for (int i = 0; i < row.length; i++) {
      if (!Float.isFinite(row[i])) {
        throw new TaskException(
            ErrorCode.MODEL_FAILED,
            "output %s is not a finite number at index %d: %s".formatted(name, i, row[i]));
      }
    }
    return row;
  }

  private static TensorSignature named(String name, List<TensorSignature> outputs) {
    return outputs.stream()
        .filter(output -> output.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "has no output %s, which %s names; it has %s"
                    .formatted(name, ModelSettings.FILE_NAME, outputs)));
  }

  private static TensorSignature only(List<TensorSignature> outputs) {
    if (outputs.size() != 1) {
      throw new IllegalArgumentException(
          "has %d outputs %s; say in %s which one counts, as in output: %s"
              .formatted(
                  outputs.size(),
                  outputs,
                  ModelSettings.FILE_NAME,
                  outputs.isEmpty() ? "NAME" : outputs.getFirst().name()));
    }
    return outputs.getFirst();
  }
}

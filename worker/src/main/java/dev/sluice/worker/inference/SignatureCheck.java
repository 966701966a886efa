package dev.sluice.worker.inference;

import dev.sluice.worker.inference.GraphSignature.TensorSignature;
import java.util.List;
import java.util.Set;

/** Refuses, at start, a graph that a task cannot use; says which tensor and which shapes. */
public final class SignatureCheck {
  private static final long ANY = -1;
  private static final Set<String> FLOATS = Set.of("FP32", "FP16");

  private SignatureCheck() {}

  /**
   * The graph's one input.
   *
   * @param use what the graph is wanted for, as in "text detection"
   * @param shape what it must be; -1 for any size. A dynamic dimension of the graph fits everything
   * @throws IllegalArgumentException when it has another shape, or there is not one input
   */
  public static TensorSignature input(GraphSignature signature, String use, List<Long> shape) {
    if (signature.inputs().size() != 1 || !fits(signature.inputs().getFirst(), shape)) {
      throw refusal(use, "one input", shape, signature.inputs());
    }
    return signature.inputs().getFirst();
  }

  /**
   * The graph's first floating-point output of this shape.
   *
   * @throws IllegalArgumentException when it has none
   */
  public static TensorSignature output(GraphSignature signature, String use, List<Long> shape) {
    return signature.outputs().stream()
        .filter(output -> FLOATS.contains(output.datatype()) && fits(output, shape))
        .findFirst()
        .orElseThrow(() -> refusal(use, "an output FP32 or FP16", shape, signature.outputs()));
  }

  private static boolean fits(TensorSignature tensor, List<Long> shape) {
    if (tensor.shape().size() != shape.size()) {
      return false;
    }
    for (int i = 0; i < shape.size(); i++) {
      long actual = tensor.shape().get(i);
      if (shape.get(i) != ANY && actual != ANY && actual != shape.get(i)) {
        return false;
      }
    }
    return true;
  }

  private static IllegalArgumentException refusal(
      String use, String wanted, List<Long> shape, List<TensorSignature> actual) {
    return new IllegalArgumentException(
        "%s needs %s %s (-1: any), but the model has %s".formatted(use, wanted, shape, actual));
  }
}

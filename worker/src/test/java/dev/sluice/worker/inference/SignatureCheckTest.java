package dev.sluice.worker.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sluice.worker.inference.GraphSignature.TensorSignature;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SignatureCheckTest {
  private static final TensorSignature IMAGES =
      new TensorSignature("images", "FP32", List.of(-1L, 3L, 640L, 640L));
  private static final TensorSignature COUNTS =
      new TensorSignature("counts", "INT64", List.of(-1L, 1L));
  private static final TensorSignature SCORES =
      new TensorSignature("scores", "FP16", List.of(-1L, 1L));
  private static final GraphSignature GRAPH =
      new GraphSignature(List.of(IMAGES), List.of(COUNTS, SCORES), Map.of());

  @Test
  void findsTheInput() {
    assertThat(SignatureCheck.input(GRAPH, "detection", List.of(-1L, 3L, -1L, -1L)))
        .isEqualTo(IMAGES);
  }

  @Test
  void aDynamicDimensionFitsAnything() {
    assertThat(SignatureCheck.input(GRAPH, "detection", List.of(8L, 3L, 640L, -1L)))
        .isEqualTo(IMAGES);
  }

  @Test
  void findsTheFirstFloatingPointOutputThatFits() {
    assertThat(SignatureCheck.output(GRAPH, "detection", List.of(-1L, -1L))).isEqualTo(SCORES);
  }

  @Test
  void namesTheTensorAndTheShapes() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SignatureCheck.input(GRAPH, "text detection", List.of(-1L, 1L, -1L, -1L)))
        .withMessage(
            "text detection needs one input [-1, 1, -1, -1] (-1: any), but the model has [images"
                + " FP32[-1, 3, 640, 640]]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SignatureCheck.output(GRAPH, "detection", List.of(-1L, -1L, 6L)))
        .withMessageContaining("counts INT64[-1, 1], scores FP16[-1, 1]");
  }

  @Test
  void refusesAGraphWithSeveralInputs() {
    GraphSignature two = new GraphSignature(List.of(IMAGES, IMAGES), List.of(), Map.of());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SignatureCheck.input(two, "detection", List.of(-1L, -1L, -1L, -1L)));
  }
}

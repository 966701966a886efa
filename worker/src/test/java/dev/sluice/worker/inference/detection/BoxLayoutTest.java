package dev.sluice.worker.inference.detection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sluice.worker.inference.GraphSignature;
import dev.sluice.worker.inference.GraphSignature.TensorSignature;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BoxLayoutTest {
  @ParameterizedTest
  @CsvSource({
    // The exports of the real models, fixed and dynamic.
    "80,   84, 8400, CLASS_SCORES",
    "80,   84,   -1, CLASS_SCORES",
    " 1,    5, 8400, CLASS_SCORES",
    " 2,    6, 8400, CLASS_SCORES",
    "80, 25200,  85, OBJECTNESS",
    "80,    -1,  85, OBJECTNESS",
    " 1, 25200,   6, OBJECTNESS",
    " 1,    -1,   6, OBJECTNESS",
    "80,   300,   6, END_TO_END",
    " 1,   300,   6, END_TO_END",
    // As many classes as could be mistaken for boxes.
    "296,  300,   6, END_TO_END",
  })
  void tellsTheLayoutFromTheShape(int classes, long rows, long columns, BoxLayout expected) {
    assertThat(BoxLayout.of(signature(Map.of(), rows, columns), classes, 640, 640))
        .isEqualTo(expected);
  }

  @Test
  void believesTheMetadataWhereTheShapeIsSilent() {
    GraphSignature signature = signature(Map.of("end2end", "True"), -1, 6);
    assertThat(BoxLayout.of(signature, 1, 640, 640)).isEqualTo(BoxLayout.END_TO_END);
  }

  @Test
  void knowsBoxesAndScores() {
    GraphSignature signature =
        new GraphSignature(
            List.of(),
            List.of(
                new TensorSignature("scores", "FP32", List.of(1L, 4420L, 2L)),
                new TensorSignature("boxes", "FP32", List.of(1L, 4420L, 4L))),
            Map.of());
    assertThat(BoxLayout.of(signature, 2, 320, 240)).isEqualTo(BoxLayout.FRACTIONS);
  }

  @Test
  void saysWhatItKnowsWhenNothingFits() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> BoxLayout.of(signature(Map.of(), 117, 8400), 80, 640, 640))
        .withMessageContaining("[N, 84, anchors]")
        .withMessageContaining("output0 FP32[-1, 117, 8400]");
  }

  private static GraphSignature signature(Map<String, String> metadata, long rows, long columns) {
    return new GraphSignature(
        List.of(),
        List.of(new TensorSignature("output0", "FP32", List.of(-1L, rows, columns))),
        metadata);
  }
}

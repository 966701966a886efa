package dev.sluice.worker.inference.detection;

import dev.sluice.worker.inference.GraphSignature;
import dev.sluice.worker.inference.GraphSignature.TensorSignature;
import dev.sluice.worker.inference.SignatureCheck;
import java.util.List;

/**
 * How a detector's outputs say where things are. N is the batch, coordinates the input's pixels.
 */
public enum BoxLayout {
  /**
   * One output [N, 4 + classes, anchors], as YOLOv8, v9 and 11 write it: centre x, centre y, width,
   * height, then a score for each class.
   */
  CLASS_SCORES,

  /**
   * One output [N, anchors, 5 + classes], as YOLOv5 and v7 write it: centre x, centre y, width,
   * height, objectness, then a score for each class that counts times the objectness.
   */
  OBJECTNESS,

  /**
   * One output [N, boxes, 6], as YOLOv10, YOLO26 and exports with suppression built in write it:
   * left, top, right, bottom, score, class. The graph has left out the overlapping ones itself.
   */
  END_TO_END,

  /**
   * An output "boxes" [N, anchors, 4] and one "scores" [N, anchors, classes], as SSD and UltraFace
   * models write them: left, top, right, bottom as fractions of the input's sides; class 0 is the
   * background.
   */
  FRACTIONS;

  static final String BOXES = "boxes";
  static final String SCORES = "scores";

  private static final long DYNAMIC = -1;
  private static final int[] STRIDES = {8, 16, 32};

  /** YOLOv5 looks at each cell with three shapes. */
  private static final int SHAPES_PER_CELL = 3;

  /**
   * Tells the layout from the outputs' shapes.
   *
   * @param classes how many classes the model knows; for {@link #FRACTIONS} the background is one
   * @param width of the input in pixels
   * @param height of the input in pixels
   * @throws IllegalArgumentException when the outputs fit no layout; names them
   */
  public static BoxLayout of(GraphSignature signature, int classes, int width, int height) {
    if (has(signature, BOXES, 4) && has(signature, SCORES, classes)) {
      return FRACTIONS;
    }
    TensorSignature output =
        SignatureCheck.output(signature, "detection", List.of(DYNAMIC, DYNAMIC, DYNAMIC));
    long rows = output.shape().get(1);
    long columns = output.shape().get(2);
    if (columns == 6 && !(classes == 1 && isOneClassObjectness(signature, rows, width, height))) {
      return END_TO_END;
    }
    if (rows == 4L + classes) {
      return CLASS_SCORES;
    }
    if (columns == 5L + classes) {
      return OBJECTNESS;
    }
    throw new IllegalArgumentException(
        ("detection of %d classes needs an output [N, %d, anchors] (YOLOv8, 11), [N, anchors, %d]"
                + " (YOLOv5), [N, boxes, 6] (YOLOv10, 26) or outputs 'boxes' and 'scores' (SSD),"
                + " but the model has %s")
            .formatted(classes, 4 + classes, 5 + classes, signature.outputs()));
  }

  /**
   * The shape of the output; of "scores" for {@link #FRACTIONS}.
   *
   * @param batch how many images, -1 for any number
   */
  List<Long> shape(long batch, int classes) {
    return switch (this) {
      case CLASS_SCORES -> List.of(batch, 4L + classes, DYNAMIC);
      case OBJECTNESS -> List.of(batch, DYNAMIC, 5L + classes);
      case END_TO_END -> List.of(batch, DYNAMIC, 6L);
      case FRACTIONS -> List.of(batch, DYNAMIC, (long) classes);
    };
  }

  private static boolean has(GraphSignature signature, String name, long columns) {
    return signature.outputs().stream()
        .anyMatch(output ->
            output.name().equals(name)
                && output.shape().size() == 3
                && (output.shape().get(2) == columns || output.shape().get(2) == DYNAMIC));
  }

  /**
   * With one class [N, rows, 6] is either YOLOv5's or an end-to-end layout. YOLOv5's has a row for
   * each anchor; where that number is dynamic, newer exports say in the metadata what they are.
   */
  private static boolean isOneClassObjectness(
      GraphSignature signature, long rows, int width, int height) {
    if (rows == DYNAMIC) {
      return !Boolean.parseBoolean(signature.metadata().get("end2end"));
    }
    long cells = 0;
    for (int stride : STRIDES) {
      cells += (long) (width / stride) * (height / stride);
    }
    return rows == cells * SHAPES_PER_CELL;
  }
}

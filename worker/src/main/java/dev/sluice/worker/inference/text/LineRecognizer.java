package dev.sluice.worker.inference.text;

import dev.sluice.worker.inference.FloatTensor;
import dev.sluice.worker.inference.Graph;
import dev.sluice.worker.inference.GraphSignature;
import dev.sluice.worker.inference.SignatureCheck;
import dev.sluice.worker.inference.text.CtcDecoder.Reading;
import dev.sluice.worker.inference.text.TextTask.Line;
import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.TaskException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads lines with a PP-OCR recognition graph: [N,3,48,W] in, [N,T,classes] probabilities out, the
 * characters in the metadata {@code character}. Immutable; any thread may call it.
 *
 * <p>Lines are padded to a few fixed widths and those of one width share runs. So a line is read
 * the same whatever else is in the batch, and the device sees few different shapes.
 */
final class LineRecognizer {
  private static final String USE = "text recognition";
  private static final String CHARACTERS = "character";

  /** The width that PP-OCR is trained on; shorter lines are padded to it, as PaddleOCR does. */
  private static final int LEAST_WIDTH = 320;

  /** Above the least width a line is padded to the next multiple of this. */
  private static final int WIDTH_STEP = 160;

  /** Longer lines are squeezed into this: at 48 rows about 150 letters. */
  private static final int MOST_WIDTH = 2560;

  /** How wide the lines of one run are together, at most: bounds its memory. */
  private static final int MOST_COLUMNS = 5120;

  private final String output;
  private final CtcDecoder decoder;
  private final int leastWidth;
  private final int mostWidth;

  /**
   * @param signature what the graph's file says of itself
   * @throws IllegalArgumentException when it is no such graph, or does not say its characters
   */
  LineRecognizer(GraphSignature signature) {
    String characters = signature.metadata().get(CHARACTERS);
    if (characters == null) {
      throw new IllegalArgumentException(
          USE + " needs the characters in the model's metadata '" + CHARACTERS + "'");
    }
    decoder = CtcDecoder.ppOcr(characters);
    List<Long> input =
        SignatureCheck.input(signature, USE, List.of(-1L, 3L, (long) LineCropper.HEIGHT, -1L))
            .shape();
    long width = input.get(3);
    leastWidth = width < 0 ? LEAST_WIDTH : Math.toIntExact(width);
    mostWidth = width < 0 ? MOST_WIDTH : leastWidth;
    output =
        SignatureCheck.output(signature, USE, List.of(-1L, -1L, (long) decoder.classes())).name();
  }

  /**
   * Reads lines.
   *
   * @return one reading for each line, in their order
   */
  List<Reading> read(Graph graph, List<Line> lines) {
    List<Reading> readings = new ArrayList<>(Collections.nCopies(lines.size(), new Reading("", 0)));
    Map<Integer, List<Integer>> sameWidth = new TreeMap<>();
    for (int i = 0; i < lines.size(); i++) {
      sameWidth.computeIfAbsent(paddedWidth(lines.get(i)), width -> new ArrayList<>()).add(i);
    }
    sameWidth.forEach((width, indices) -> {
      int together = Math.max(MOST_COLUMNS / width, 1);
      for (int from = 0; from < indices.size(); from += together) {
        int to = Math.min(from + together, indices.size());
        readTogether(graph, lines, width, indices.subList(from, to), readings);
      }
    });
    return readings;
  }

  private int paddedWidth(Line line) {
    int beyond = Math.max(LineCropper.width(line.box(), mostWidth) - leastWidth, 0);
    return Math.min(leastWidth + Math.ceilDiv(beyond, WIDTH_STEP) * WIDTH_STEP, mostWidth);
  }

  private void readTogether(
      Graph graph, List<Line> lines, int width, List<Integer> indices, List<Reading> readings) {
    long batch = indices.size();
    FloatTensor steps =
        graph
            .run(
                List.of(batch, 3L, (long) LineCropper.HEIGHT, (long) width),
                (row, crop) -> {
                  Line line = lines.get(indices.get(row));
                  int filled = LineCropper.width(line.box(), width);
                  LineCropper.write(line.pixels(), line.box(), filled, crop, width);
                })
            .floats(output);
    List<Long> shape = steps.shape();
    if (shape.size() != 3 || shape.get(0) != batch || shape.get(2) != decoder.classes()) {
      throw new TaskException(
          ErrorCode.MODEL_FAILED,
          "%s gave output %s %s, not [%d, steps, %d]"
              .formatted(USE, output, shape, batch, decoder.classes()));
    }
    int length = steps.dimension(1);
    for (int i = 0; i < indices.size(); i++) {
      readings.set(
          indices.get(i), decoder.decode(steps.values(), i * length * decoder.classes(), length));
    }
  }
}

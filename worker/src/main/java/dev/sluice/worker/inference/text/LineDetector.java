package dev.sluice.worker.inference.text;

import dev.sluice.worker.inference.FloatTensor;
import dev.sluice.worker.inference.Graph;
import dev.sluice.worker.inference.GraphSignature;
import dev.sluice.worker.inference.Normalizer;
import dev.sluice.worker.inference.SignatureCheck;
import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.Pixels;
import dev.sluice.worker.model.TaskException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Finds lines with a PP-OCR detection graph: [N,3,H,W] in, [N,1,H,W] probabilities out, H and W
 * multiples of 32. Immutable; any thread may call it.
 */
final class LineDetector {
  /** How many pixels go into one run, at most (but one image always does): bounds its memory. */
  private static final int MOST_PIXELS = 4 << 20;

  private static final String USE = "text detection";

  private final TextSettings settings;
  private final String output;

  /**
   * As PP-OCR is trained (configs/det/ch_PP-OCRv4): ImageNet's means and deviations in the order
   * red, green, blue, yet put on images whose channels stand as blue, green, red.
   */
  private final Normalizer normalizer =
      new Normalizer(
          Normalizer.Layout.NCHW,
          Normalizer.ColorOrder.BGR,
          1.0 / 255,
          List.of(0.485, 0.456, 0.406),
          List.of(0.229, 0.224, 0.225));

  /**
   * @param signature what the graph's file says of itself
   * @throws IllegalArgumentException when it is no such graph
   */
  LineDetector(TextSettings settings, GraphSignature signature) {
    this.settings = settings;
    SignatureCheck.input(signature, USE, List.of(-1L, 3L, -1L, -1L));
    output = SignatureCheck.output(signature, USE, List.of(-1L, 1L, -1L, -1L)).name();
  }

  /**
   * The lines on each image, in its own coordinates and in no order. Images of one size share runs.
   *
   * @param images the renditions in which to search
   */
  List<List<LineBox>> find(Graph graph, List<Pixels> images) {
    List<List<LineBox>> boxes = new ArrayList<>(Collections.nCopies(images.size(), List.of()));
    IntStream.range(0, images.size())
        .boxed()
        .collect(Collectors.groupingBy(index -> size(images.get(index))))
        .forEach((size, indices) -> findInOneSize(graph, images, indices, boxes));
    return boxes;
  }

  private static List<Integer> size(Pixels image) {
    return List.of(image.width(), image.height());
  }

  private void findInOneSize(
      Graph graph, List<Pixels> images, List<Integer> indices, List<List<LineBox>> boxes) {
    Pixels first = images.get(indices.getFirst());
    int together = Math.max(MOST_PIXELS / (first.width() * first.height()), 1);
    for (int from = 0; from < indices.size(); from += together) {
      List<Integer> run = indices.subList(from, Math.min(from + together, indices.size()));
      FloatTensor maps =
          graph.run(run.stream().map(images::get).toList(), normalizer).floats(output);
      for (int i = 0; i < run.size(); i++) {
        Pixels image = images.get(run.get(i));
        boxes.set(run.get(i), lines(map(maps, i, run.size(), image), image));
      }
    }
  }

  private ProbabilityMap map(FloatTensor maps, int index, int batch, Pixels image) {
    List<Long> expected = List.of((long) batch, 1L, (long) image.height(), (long) image.width());
    if (!maps.shape().equals(expected)) {
      throw new TaskException(
          ErrorCode.MODEL_FAILED,
          "text detection gave output %s %s, not %s".formatted(output, maps.shape(), expected));
    }
    int area = image.width() * image.height();
    return new ProbabilityMap(maps.values(), index * area, image.width(), image.height());
  }

  private List<LineBox> lines(ProbabilityMap map, Pixels image) {
    return TextBoxes.find(map, settings).stream()
        .map(rectangle -> LineBox.of(rectangle, image.placement()))
        .toList();
  }
}

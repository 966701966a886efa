package dev.sluice.worker.inference.text;

import static java.util.Objects.requireNonNull;

import dev.sluice.worker.inference.Graph;
import dev.sluice.worker.inference.GraphSignature;
import dev.sluice.worker.inference.InferenceInput;
import dev.sluice.worker.inference.ModelTask;
import dev.sluice.worker.inference.NumberParameter;
import dev.sluice.worker.inference.text.CtcDecoder.Reading;
import dev.sluice.worker.model.Geometry;
import dev.sluice.worker.model.ImageInfo;
import dev.sluice.worker.model.Output;
import dev.sluice.worker.model.Output.TextLine;
import dev.sluice.worker.model.Output.TextLines;
import dev.sluice.worker.model.Pixels;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Reads the text on photographs with PP-OCR's two graphs: "model" finds lines, "recognition" reads
 * them. Images of one size are searched in one run; the lines of all images of a batch are read
 * together. What a line says depends on that line alone, not on what shares its batch: sizes are
 * never padded to a neighbour's.
 *
 * <p>Lines that stand on their head, and vertical ones whose letters face left, are read as they
 * stand: there is no classifier of directions.
 *
 * <p>One parameter of a request: {@code threshold}, 0 to 1, the least mean confidence of a line.
 */
public final class TextTask implements ModelTask {
  /** The graph that reads lines, beside the one called "model" that finds them. */
  public static final String RECOGNITION = "recognition";

  private final TextSettings settings;
  private final LineDetector detector;
  private final LineRecognizer recognizer;
  private final NumberParameter threshold;

  /**
   * @param detection what the file of the graph "model" says of itself
   * @param recognition what the file of the graph "recognition" says of itself; its metadata holds
   *     the characters
   * @throws IllegalArgumentException when a graph is not of PP-OCR's kind; names the tensor and the
   *     shapes
   */
  public TextTask(TextSettings settings, GraphSignature detection, GraphSignature recognition) {
    this.settings = requireNonNull(settings, "settings is null");
    detector = new LineDetector(settings, detection);
    recognizer = new LineRecognizer(recognition);
    threshold = NumberParameter.fraction("threshold", settings.threshold());
  }

  @Override
  public List<Geometry> geometries() {
    return List.of(
        new Geometry.Within(settings.detectionSide(), TextSettings.STRIDE),
        new Geometry.Within(settings.readingSide(), 1));
  }

  @Override
  public void validateParameters(Map<String, String> parameters) {
    NumberParameter.validate(parameters, List.of(threshold));
  }

  @Override
  public List<Output> infer(Map<String, Graph> graphs, List<InferenceInput> batch) {
    List<Pixels> searched = batch.stream().map(input -> input.image().renditions().get(0)).toList();
    List<List<LineBox>> boxes =
        inReadingOrder(batch, detector.find(graph(graphs, "model"), searched));
    List<Line> lines = new ArrayList<>();
    for (int image = 0; image < batch.size(); image++) {
      Pixels pixels = batch.get(image).image().renditions().get(1);
      for (LineBox box : boxes.get(image)) {
        lines.add(new Line(pixels, box.in(pixels.placement())));
      }
    }
    List<Reading> readings = recognizer.read(graph(graphs, RECOGNITION), lines);
    List<Output> outputs = new ArrayList<>();
    int next = 0;
    for (int image = 0; image < batch.size(); image++) {
      int end = next + boxes.get(image).size();
      outputs.add(output(batch.get(image), boxes.get(image), readings.subList(next, end)));
      next = end;
    }
    return outputs;
  }

  private static List<List<LineBox>> inReadingOrder(
      List<InferenceInput> batch, List<List<LineBox>> found) {
    List<List<LineBox>> ordered = new ArrayList<>();
    for (int image = 0; image < batch.size(); image++) {
      ImageInfo info = batch.get(image).image().info();
      List<LineBox> boxes =
          found.get(image).stream().map(box -> box.within(info.width(), info.height())).toList();
      ordered.add(LineOrder.of(boxes).stream().map(boxes::get).toList());
    }
    return ordered;
  }

  private TextLines output(InferenceInput input, List<LineBox> boxes, List<Reading> readings) {
    double least = threshold.in(input.parameters());
    ImageInfo info = input.image().info();
    List<TextLine> lines = new ArrayList<>();
    for (int i = 0; i < boxes.size(); i++) {
      Reading reading = readings.get(i);
      if (!reading.text().isEmpty() && reading.score() >= least) {
        lines.add(
            new TextLine(
                reading.text(),
                reading.score(),
                boxes.get(i).polygon(info.width(), info.height())));
      }
    }
    return new TextLines(lines);
  }

  private static Graph graph(Map<String, Graph> graphs, String name) {
    return requireNonNull(graphs.get(name), () -> "the lane has no graph " + name);
  }

  /** A line to read: where it lies in the pixels of a rendition. */
  record Line(Pixels pixels, LineBox box) {}
}

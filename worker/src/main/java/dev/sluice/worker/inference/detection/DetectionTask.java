package dev.sluice.worker.inference.detection;

import static java.util.Objects.requireNonNull;

import dev.sluice.worker.inference.FloatTensor;
import dev.sluice.worker.inference.Graph;
import dev.sluice.worker.inference.GraphOutputs;
import dev.sluice.worker.inference.GraphSignature;
import dev.sluice.worker.inference.InferenceInput;
import dev.sluice.worker.inference.ModelTask;
import dev.sluice.worker.inference.Normalizer;
import dev.sluice.worker.inference.NumberParameter;
import dev.sluice.worker.inference.SignatureCheck;
import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.Geometry;
import dev.sluice.worker.model.ImageInfo;
import dev.sluice.worker.model.Output;
import dev.sluice.worker.model.Output.Box;
import dev.sluice.worker.model.Output.Detections;
import dev.sluice.worker.model.Pixels;
import dev.sluice.worker.model.Placement;
import dev.sluice.worker.model.TaskException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds objects and says where they are in the image, highest score first. Boxes of one class that
 * overlap too much are one object (unless the graph has seen to that itself).
 *
 * <p>Parameters of a request: {@code threshold}, 0 to 1, the least score of a box; {@code
 * iou_threshold}, 0 to 1, how much of two boxes of one class may overlap (without effect for an
 * end-to-end model); {@code max_detections}, 1 to 1000.
 */
public final class DetectionTask implements ModelTask {
  private static final String USE = "detection";
  private static final long ANY = -1;
  private static final int MOST_DETECTIONS = 1000;
  private static final float KEEP_ALL = 1;

  private final DetectionSettings settings;
  private final String output;
  private final NumberParameter threshold;
  private final NumberParameter iouThreshold;
  private final NumberParameter maxDetections;

  /**
   * @param signature what the graph's file says of itself
   * @throws IllegalArgumentException when its outputs are not of the settings' layout
   */
  public DetectionTask(DetectionSettings settings, GraphSignature signature) {
    this.settings = requireNonNull(settings, "settings is null");
    int classes = settings.labels().size();
    output = SignatureCheck.output(signature, USE, settings.layout().shape(ANY, classes)).name();
    threshold = NumberParameter.fraction("threshold", settings.threshold());
    iouThreshold = NumberParameter.fraction("iou_threshold", settings.iouThreshold());
    maxDetections =
        NumberParameter.count("max_detections", 1, MOST_DETECTIONS, settings.maxDetections());
  }

  @Override
  public List<Geometry> geometries() {
    return List.of(settings.geometry());
  }

  @Override
  public Optional<Normalizer> normalizer() {
    return Optional.of(settings.normalizer());
  }

  @Override
  public void validateParameters(Map<String, String> parameters) {
    NumberParameter.validate(parameters, List.of(threshold, iouThreshold, maxDetections));
  }

  @Override
  public List<Output> infer(Map<String, Graph> graphs, List<InferenceInput> batch) {
    List<Pixels> images =
        batch.stream().map(input -> input.image().renditions().getFirst()).toList();
    GraphOutputs outputs =
        requireNonNull(graphs.get("model"), "the lane has no graph model")
            .run(images, settings.normalizer());
    CandidateReader reader = reader(outputs, batch.size(), images.getFirst());
    List<Output> detections = new ArrayList<>();
    for (int image = 0; image < batch.size(); image++) {
      detections.add(detections(reader, image, batch.get(image)));
    }
    return detections;
  }

  /** Reads one image's candidates out of a run's outputs. */
  private interface CandidateReader {
    Candidates read(int image, float threshold);
  }

  private CandidateReader reader(GraphOutputs outputs, long batch, Pixels input) {
    if (settings.layout() == BoxLayout.FRACTIONS) {
      FloatTensor scores = outputs.floats(BoxLayout.SCORES);
      requireShape(BoxLayout.SCORES, scores, List.of(batch, ANY, (long) settings.labels().size()));
      FloatTensor boxes = outputs.floats(BoxLayout.BOXES);
      requireShape(BoxLayout.BOXES, boxes, List.of(batch, scores.shape().get(1), 4L));
      return (image, least) ->
          BoxDecoder.fractions(boxes, scores, image, least, input.width(), input.height());
    }
    FloatTensor tensor = outputs.floats(output);
    requireShape(output, tensor, settings.layout().shape(batch, settings.labels().size()));
    return switch (settings.layout()) {
      case CLASS_SCORES -> (image, least) -> BoxDecoder.classScores(tensor, image, least);
      case OBJECTNESS -> (image, least) -> BoxDecoder.objectness(tensor, image, least);
      case END_TO_END -> (image, least) -> BoxDecoder.endToEnd(tensor, image, least);
      case FRACTIONS -> throw new AssertionError("has its own reader");
    };
  }

  private static void requireShape(String name, FloatTensor tensor, List<Long> expected) {
    boolean fits = tensor.shape().size() == expected.size();
    for (int i = 0; fits && i < expected.size(); i++) {
      fits = expected.get(i) == ANY || expected.get(i).equals(tensor.shape().get(i));
    }
    if (!fits) {
      throw new TaskException(
          ErrorCode.MODEL_FAILED,
          "detection gave output %s %s, not %s (-1: any)"
              .formatted(name, tensor.shape(), expected));
    }
  }

  private Detections detections(CandidateReader reader, int image, InferenceInput input) {
    Map<String, String> parameters = input.parameters();
    Candidates candidates = reader.read(image, (float) threshold.in(parameters));
    float overlap =
        settings.layout() == BoxLayout.END_TO_END ? KEEP_ALL : (float) iouThreshold.in(parameters);
    int[] kept =
        NonMaximumSuppression.keep(candidates, overlap, (int) maxDetections.in(parameters));
    Placement placement = input.image().renditions().getFirst().placement();
    ImageInfo info = input.image().info();
    List<Box> boxes = new ArrayList<>(kept.length);
    for (int index : kept) {
      float xMin = (float) Math.clamp(placement.imageX(candidates.xMin(index)), 0, info.width());
      float yMin = (float) Math.clamp(placement.imageY(candidates.yMin(index)), 0, info.height());
      float xMax = (float) Math.clamp(placement.imageX(candidates.xMax(index)), 0, info.width());
      float yMax = (float) Math.clamp(placement.imageY(candidates.yMax(index)), 0, info.height());
      // A box that lies wholly in the ground around the image is on nothing.
      if (xMin < xMax && yMin < yMax) {
        int classIndex = candidates.classIndex(index);
        boxes.add(
            new Box(
                classIndex, label(classIndex), candidates.score(index), xMin, yMin, xMax, yMax));
      }
    }
    return new Detections(boxes);
  }

  private String label(int classIndex) {
    return classIndex < settings.labels().size()
        ? settings.labels().get(classIndex)
        : String.valueOf(classIndex);
  }
}

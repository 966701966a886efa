package dev.sluice.worker.inference;

import static java.util.Objects.requireNonNull;

import dev.sluice.worker.inference.detection.BoxLayout;
import dev.sluice.worker.inference.detection.DetectionSettings;
import dev.sluice.worker.inference.detection.DetectionTask;
import dev.sluice.worker.inference.text.TextSettings;
import dev.sluice.worker.inference.text.TextTask;
import dev.sluice.worker.model.Geometry;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Finds out what a model is for and builds its task. */
final class TaskFactory {
  /** The sides of a PP-OCR detection graph's input are multiples of it. */
  private static final int TEXT_STRIDE = 32;

  private TaskFactory() {}

  /**
   * What the model is for: what model.yaml says, else what the file's own metadata says, else
   * {@link TaskName#TENSORS}.
   *
   * @throws IllegalArgumentException when the metadata cannot be read
   */
  static TaskName taskName(ModelSettings settings, GraphSignature signature) {
    return settings
        .get(ModelKey.TASK)
        .or(() -> UltralyticsMetadata.read(signature.metadata()).flatMap(TaskFactory::known))
        .orElse(TaskName.TENSORS);
  }

  /** The graphs that a model with this task consists of, by name. */
  static Set<String> graphNames(TaskName task) {
    return task == TaskName.TEXT ? Set.of(Graphs.MAIN, TextTask.RECOGNITION) : Set.of(Graphs.MAIN);
  }

  /**
   * Builds the task for these graphs.
   *
   * @param signatures of all {@link #graphNames}
   * @throws IllegalArgumentException when the task cannot use the graphs, or model.yaml says what
   *     they contradict; names the tensor and the shapes
   */
  static ModelTask create(
      TaskName task, ModelSettings settings, Map<String, GraphSignature> signatures) {
    GraphSignature main = requireNonNull(signatures.get(Graphs.MAIN), "no main graph");
    return switch (task) {
      case CLASSIFICATION -> ClassificationTask.of(settings, main);
      case DETECTION -> detection(settings, main);
      case TEXT ->
          text(
              settings,
              main,
              requireNonNull(signatures.get(TextTask.RECOGNITION), "no recognition graph"));
      case EMBEDDING -> EmbeddingTask.of(settings, main);
      case TENSORS -> TensorsTask.of(settings, main);
    };
  }

  private static ModelTask detection(ModelSettings settings, GraphSignature signature) {
    ImageInput image = ImageInput.of(settings, signature, Resize.Kind.LETTERBOX);
    Size size = size(image.geometry());
    List<String> labels =
        settings
            .get(ModelKey.LABELS)
            .or(() ->
                UltralyticsMetadata.read(signature.metadata()).map(UltralyticsMetadata::labels))
            .filter(said -> !said.isEmpty())
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "does not name the classes it detects; say labels in "
                        + ModelSettings.FILE_NAME));
    DetectionSettings unset =
        new DetectionSettings(
            labels,
            image.geometry(),
            image.normalizer(),
            BoxLayout.of(signature, labels.size(), size.width(), size.height()));
    return new DetectionTask(
        new DetectionSettings(
            labels,
            image.geometry(),
            image.normalizer(),
            unset.layout(),
            settings.get(ModelKey.THRESHOLD).map(Double::floatValue).orElse(unset.threshold()),
            settings
                .get(ModelKey.IOU_THRESHOLD)
                .map(Double::floatValue)
                .orElse(unset.iouThreshold()),
            settings.get(ModelKey.MAX_DETECTIONS, unset.maxDetections())),
        signature);
  }

  private static ModelTask text(
      ModelSettings settings, GraphSignature detection, GraphSignature recognition) {
    TextSettings unset = TextSettings.ppOcr();
    return new TextTask(
        new TextSettings(
            settings
                .get(ModelKey.RESIZE)
                .map(TaskFactory::longerSide)
                .orElse(unset.detectionSide()),
            unset.readingSide(),
            unset.mapThreshold(),
            unset.boxThreshold(),
            unset.unclipRatio(),
            unset.maxLines(),
            settings.get(ModelKey.THRESHOLD).map(Double::floatValue).orElse(unset.threshold())),
        detection,
        recognition);
  }

  private static Size size(Geometry geometry) {
    return switch (geometry) {
      case Geometry.Stretch(int width, int height) -> new Size(width, height);
      case Geometry.CenterCrop(int shorterSide, int width, int height) -> new Size(width, height);
      case Geometry.Letterbox(int width, int height, int fill) -> new Size(width, height);
      case Geometry.Within within ->
          throw new IllegalArgumentException(
              "detection needs images of one size; resize: within gives many");
    };
  }

  /** The size in which text is looked for. */
  private static int longerSide(Resize resize) {
    if (resize.geometry(Resize.DYNAMIC, Resize.DYNAMIC)
            instanceof Geometry.Within(int longerSide, int multiple)
        && !resize.sizes().containsKey("multiple")
        && longerSide % TEXT_STRIDE == 0) {
      return longerSide;
    }
    throw new IllegalArgumentException(
        "task text takes resize: {kind: within, longer_side: N} only, N a multiple of "
            + TEXT_STRIDE);
  }

  /** Width and height in pixels. */
  private record Size(int width, int height) {}

  private static Optional<TaskName> known(UltralyticsMetadata metadata) {
    return switch (metadata.task()) {
      case "classify" -> Optional.of(TaskName.CLASSIFICATION);
      case "detect" -> Optional.of(TaskName.DETECTION);
      default -> Optional.empty();
    };
  }
}

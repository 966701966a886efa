package dev.sluice.worker.inference;

import static java.util.Objects.requireNonNull;

import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Finds out what a model is for and builds its task. */
final class TaskFactory {
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
    return task == TaskName.TEXT ? Set.of(Graphs.MAIN, "recognition") : Set.of(Graphs.MAIN);
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
      case EMBEDDING -> EmbeddingTask.of(settings, main);
      case TENSORS -> TensorsTask.of(settings, main);
      case DETECTION, TEXT ->
          throw new IllegalArgumentException("task " + task + " is not part of this worker");
    };
  }

  private static Optional<TaskName> known(UltralyticsMetadata metadata) {
    return switch (metadata.task()) {
      case "classify" -> Optional.of(TaskName.CLASSIFICATION);
      case "detect" -> Optional.of(TaskName.DETECTION);
      default -> Optional.empty();
    };
  }
}

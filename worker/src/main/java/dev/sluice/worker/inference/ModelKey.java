package dev.sluice.worker.inference;

import dev.sluice.worker.inference.Normalizer.ColorOrder;
import dev.sluice.worker.inference.Normalizer.Layout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A key of model.yaml. docs/models.md describes each; a test fails when one is missing there.
 *
 * @param <T> what its value becomes
 */
final class ModelKey<T> {
  /** Turns what the YAML parser gave into a value. */
  interface Reader<T> {
    /**
     * Reads a value.
     *
     * @param value text, number, boolean, list or map, never null
     * @param folder the folder of model.yaml
     * @throws IllegalArgumentException when it cannot; says what was expected and found
     */
    T read(Object value, Path folder);
  }

  private static final Set<TaskName> EVERY_TASK = EnumSet.allOf(TaskName.class);
  private static final Set<TaskName> ONE_OUTPUT =
      EnumSet.of(TaskName.CLASSIFICATION, TaskName.EMBEDDING);
  private static final Set<TaskName> LABELLED =
      EnumSet.of(TaskName.CLASSIFICATION, TaskName.DETECTION);
  private static final Set<TaskName> ONE_IMAGE = EnumSet.complementOf(EnumSet.of(TaskName.TEXT));

  static final ModelKey<TaskName> TASK =
      new ModelKey<>(
          "task", EVERY_TASK, (value, folder) -> YamlValue.choice(value, TaskName.class));
  static final ModelKey<List<String>> LABELS =
      new ModelKey<>("labels", LABELLED, YamlValue::labels);
  static final ModelKey<Resize> RESIZE =
      new ModelKey<>("resize", EVERY_TASK, (value, folder) -> YamlValue.resize(value));
  static final ModelKey<List<Double>> MEAN =
      new ModelKey<>("mean", ONE_IMAGE, (value, folder) -> YamlValue.channels(value));
  static final ModelKey<List<Double>> STD =
      new ModelKey<>("std", ONE_IMAGE, (value, folder) -> YamlValue.channels(value));
  static final ModelKey<Double> SCALE =
      new ModelKey<>("scale", ONE_IMAGE, (value, folder) -> YamlValue.fraction(value));
  static final ModelKey<Layout> LAYOUT =
      new ModelKey<>("layout", ONE_IMAGE, (value, folder) -> YamlValue.choice(value, Layout.class));
  static final ModelKey<ColorOrder> COLOR =
      new ModelKey<>(
          "color", ONE_IMAGE, (value, folder) -> YamlValue.choice(value, ColorOrder.class));
  static final ModelKey<String> OUTPUT =
      new ModelKey<>("output", ONE_OUTPUT, (value, folder) -> YamlValue.text(value));
  static final ModelKey<Activation> ACTIVATION =
      new ModelKey<>(
          "activation",
          EnumSet.of(TaskName.CLASSIFICATION),
          (value, folder) -> YamlValue.choice(value, Activation.class));
  static final ModelKey<Integer> TOP_K =
      new ModelKey<>(
          "top_k",
          EnumSet.of(TaskName.CLASSIFICATION),
          (value, folder) -> YamlValue.integer(value, 1, 100_000));
  static final ModelKey<Double> THRESHOLD =
      new ModelKey<>(
          "threshold",
          EnumSet.of(TaskName.DETECTION, TaskName.TEXT),
          (value, folder) -> YamlValue.number(value, 0, 1));
  static final ModelKey<Double> IOU_THRESHOLD =
      new ModelKey<>(
          "iou_threshold",
          EnumSet.of(TaskName.DETECTION),
          (value, folder) -> YamlValue.number(value, 0, 1));
  static final ModelKey<Integer> MAX_DETECTIONS =
      new ModelKey<>(
          "max_detections",
          EnumSet.of(TaskName.DETECTION),
          (value, folder) -> YamlValue.integer(value, 1, 1000));
  static final ModelKey<NormalizationPlace> NORMALIZE_IN =
      new ModelKey<>(
          "normalize_in",
          ONE_IMAGE,
          (value, folder) -> YamlValue.choice(value, NormalizationPlace.class));
  static final ModelKey<EmbeddingTask.Normalization> NORMALIZE =
      new ModelKey<>(
          "normalize",
          EnumSet.of(TaskName.EMBEDDING),
          (value, folder) -> YamlValue.choice(value, EmbeddingTask.Normalization.class));
  static final ModelKey<Integer> MAX_BATCH_SIZE =
      new ModelKey<>(
          "max_batch_size", EVERY_TASK, (value, folder) -> YamlValue.integer(value, 1, 1024));
  static final ModelKey<List<Integer>> PREFERRED_BATCH_SIZE =
      new ModelKey<>(
          "preferred_batch_size",
          EVERY_TASK,
          (value, folder) -> YamlValue.integers(value, 1, 1024));
  static final ModelKey<Duration> MAX_QUEUE_DELAY =
      new ModelKey<>("max_queue_delay", EVERY_TASK, (value, folder) -> YamlValue.duration(value));
  static final ModelKey<Batching.Kind> BATCHING =
      new ModelKey<>(
          "batching", EVERY_TASK, (value, folder) -> YamlValue.choice(value, Batching.Kind.class));
  static final ModelKey<Duration> LATENCY_OBJECTIVE =
      new ModelKey<>(
          "latency_objective", EVERY_TASK, (value, folder) -> YamlValue.positiveDuration(value));
  static final ModelKey<Duration> MAX_CALL_DURATION =
      new ModelKey<>(
          "max_call_duration", EVERY_TASK, (value, folder) -> YamlValue.positiveDuration(value));
  static final ModelKey<Integer> INSTANCES =
      new ModelKey<>("instances", EVERY_TASK, (value, folder) -> YamlValue.integer(value, 1, 256));
  static final ModelKey<Device> DEVICE =
      new ModelKey<>("device", EVERY_TASK, (value, folder) -> Device.parse(YamlValue.text(value)));
  static final ModelKey<Map<String, String>> DEVICE_OPTIONS =
      new ModelKey<>("device_options", EVERY_TASK, (value, folder) -> YamlValue.options(value));
  static final ModelKey<SimulatedSettings> SIMULATED =
      new ModelKey<>("simulated", EnumSet.of(TaskName.CLASSIFICATION), SimulatedSettings::read);
  static final ModelKey<Integer> VERSION =
      new ModelKey<>(
          "version", EVERY_TASK, (value, folder) -> YamlValue.integer(value, 1, Integer.MAX_VALUE));
  static final ModelKey<Map<String, String>> ALIASES =
      new ModelKey<>("aliases", EVERY_TASK, (value, folder) -> YamlValue.aliases(value));

  private static final List<ModelKey<?>> ALL =
      List.of(
          TASK,
          LABELS,
          RESIZE,
          MEAN,
          STD,
          SCALE,
          LAYOUT,
          COLOR,
          NORMALIZE_IN,
          OUTPUT,
          ACTIVATION,
          TOP_K,
          THRESHOLD,
          IOU_THRESHOLD,
          MAX_DETECTIONS,
          NORMALIZE,
          MAX_BATCH_SIZE,
          PREFERRED_BATCH_SIZE,
          MAX_QUEUE_DELAY,
          BATCHING,
          LATENCY_OBJECTIVE,
          MAX_CALL_DURATION,
          INSTANCES,
          DEVICE,
          DEVICE_OPTIONS,
          SIMULATED,
          VERSION,
          ALIASES);

  private final String name;
  private final Set<TaskName> tasks;
  private final Reader<T> reader;

  private ModelKey(String name, Set<TaskName> tasks, Reader<T> reader) {
    this.name = name;
    this.tasks = Set.copyOf(tasks);
    this.reader = reader;
  }

  /** Every key, in the order in which the page describes them. */
  static List<ModelKey<?>> all() {
    return ALL;
  }

  /** As in model.yaml. */
  String text() {
    return name;
  }

  /** Whether the key means something for a model with this task. */
  boolean appliesTo(TaskName task) {
    return tasks.contains(task);
  }

  T read(Object value, Path folder) {
    return reader.read(value, folder);
  }

  @Override
  public String toString() {
    return name;
  }
}

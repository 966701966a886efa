package dev.sluice.worker.inference;

import static java.util.Objects.requireNonNull;

import ai.onnxruntime.OrtException;
import java.time.Duration;
import java.util.List;

/**
 * One version of a model, loaded and warm. Any thread may ask; each lane runs one batch at a time.
 */
public final class ServedModel implements AutoCloseable {
  private final ModelMetadata metadata;
  private final String version;
  private final TaskName taskName;
  private final ModelTask task;
  private final String device;
  private final BatchPolicy policy;
  private final List<Lane> lanes;
  private final List<LoadedModel> graphs;

  ServedModel(
      ModelMetadata metadata,
      String version,
      TaskName taskName,
      ModelTask task,
      String device,
      BatchPolicy policy,
      List<Lane> lanes,
      List<LoadedModel> graphs) {
    this.metadata = requireNonNull(metadata, "metadata is null");
    this.version = requireNonNull(version, "version is null");
    this.taskName = requireNonNull(taskName, "taskName is null");
    this.task = requireNonNull(task, "task is null");
    this.device = requireNonNull(device, "device is null");
    this.policy = requireNonNull(policy, "policy is null");
    this.lanes = List.copyOf(lanes);
    this.graphs = List.copyOf(graphs);
  }

  public String name() {
    return metadata.name();
  }

  /** Its version number. */
  public String version() {
    return version;
  }

  /** What it is for. */
  public TaskName taskName() {
    return taskName;
  }

  /** What makes input of images and answers of tensors; validates a request's parameters. */
  public ModelTask task() {
    return task;
  }

  /** The most images in one batch, at least 1. */
  public int maxBatchSize() {
    return policy.maxBatchSize();
  }

  /** Batch sizes at which it runs best, ascending; empty when it does not matter. */
  public List<Integer> preferredBatchSizes() {
    return policy.preferredBatchSizes();
  }

  /** How long an image may wait for others to fill a batch; zero for not at all. */
  public Duration maxQueueDelay() {
    return policy.maxQueueDelay();
  }

  /** What decides how large its batches may be for now. */
  public Batching batching() {
    return policy.batching();
  }

  /** How long one call may take before it is taken for wedged, positive. */
  public Duration maxCallDuration() {
    return policy.maxCallDuration();
  }

  /** Its instances, at least one. */
  public List<Lane> lanes() {
    return lanes;
  }

  /** Where it runs: cpu, cuda:N, tensorrt:N or simulated. */
  public String device() {
    return device;
  }

  /** A lane's session on its own, for benchmarks. */
  RawRun newRawRun(int lane, int batch, int height, int width) throws OrtException {
    if (graphs.getFirst() instanceof OrtModel model) {
      return model.newRawRun(lane, batch, height, width);
    }
    throw new IllegalArgumentException(this + " has no session");
  }

  /** What the Open Inference Protocol says of it. */
  public ModelMetadata metadata() {
    return metadata;
  }

  /** Waits for the running batches, refuses every later one, and frees the model's memory. */
  @Override
  public void close() {
    lanes.forEach(Lane::close);
    graphs.forEach(LoadedModel::close);
  }

  @Override
  public String toString() {
    return "ServedModel["
        + name()
        + " version "
        + version
        + ", "
        + taskName
        + " on "
        + device
        + "]";
  }
}

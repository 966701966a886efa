package dev.sluice.worker.inference;

import static java.util.Objects.requireNonNull;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.Output;
import dev.sluice.worker.model.TaskException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One instance of a model: it has buffers of its own and runs one batch at a time, on the thread
 * that calls it. That thread is a platform thread: it does not come back before the device has. A
 * second thread waits for the first, so that nothing is closed under a running batch.
 */
public final class Lane implements AutoCloseable {
  private final String model;
  private final ModelTask task;
  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private final Map<String, Graph> graphs;

  @GuardedBy("lock")
  private boolean closed;

  /**
   * @param model name and version, for people
   * @param graphs the graphs that the task needs, nobody else's
   */
  Lane(String model, ModelTask task, Map<String, Graph> graphs) {
    this.model = requireNonNull(model, "model is null");
    this.task = requireNonNull(task, "task is null");
    this.graphs = Map.copyOf(graphs);
  }

  /**
   * Runs a batch.
   *
   * @param batch at least one image; more than the graph's own fixed batch are run in several goes
   * @return one output for each image, in the batch's order
   * @throws TaskException with MODEL_FAILED when the model fails on the batch: one image of it may
   *     be the reason; with INTERNAL when the lane has been closed
   * @throws dev.sluice.worker.model.DeviceException when the device failed and not the batch
   */
  public List<Output> infer(List<InferenceInput> batch) {
    if (batch.isEmpty()) {
      throw new IllegalArgumentException("a batch has at least one image");
    }
    lock.lock();
    try {
      if (closed) {
        throw new TaskException(
            ErrorCode.INTERNAL, "model " + model + " has been closed; this worker is stopping");
      }
      List<Output> outputs = task.infer(graphs, batch);
      if (outputs.size() != batch.size()) {
        throw new IllegalStateException(
            "model %s: %d outputs for %d images".formatted(model, outputs.size(), batch.size()));
      }
      return outputs;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for the batch that is running, refuses every later one and frees the lane's memory; a
   * second call does nothing.
   */
  @Override
  public void close() {
    lock.lock();
    try {
      if (!closed) {
        closed = true;
        graphs.values().forEach(Graph::close);
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public String toString() {
    return "Lane[" + model + "]";
  }
}

package dev.sluice.worker.kafka;

import dev.sluice.worker.model.ImageTask;
import dev.sluice.worker.model.Outcome;
import dev.sluice.worker.model.Parking;

/**
 * What the worker does with a request. Called on the request's own virtual thread, for many
 * requests at once.
 */
@FunctionalInterface
public interface Processor {
  /**
   * Works the request's outcome out; returns exactly one. An exception other than those below
   * becomes a failure: a {@link dev.sluice.worker.model.TaskException} with its own code, any other
   * with INTERNAL.
   *
   * @param parking hears when the request waits for what is down for everybody
   * @throws java.util.concurrent.RejectedExecutionException when the request was not judged,
   *     because what would have judged it failed or closes; it is done again, here or by another
   *     worker
   * @throws InterruptedException when interrupted, because the partition is gone or the worker
   *     stops; nothing is published then, and another worker does the request again
   */
  Outcome process(ImageTask task, Parking parking) throws InterruptedException;
}

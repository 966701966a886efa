package dev.sluice.worker.model;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Map;

/**
 * One request, decoded and valid: everything the data path needs to know of it.
 *
 * @param position where its record stands
 * @param requestId the producer's own id of it, not empty
 * @param source where its image comes from
 * @param integrity what the producer says about the image's bytes
 * @param model the model it asks for
 * @param parameters settings of the task for this request alone; the task validates them
 * @param deadline until when the answer is of use
 * @param metadata the producer's own; comes back unchanged
 * @param submittedAt the Kafka timestamp of its record
 * @param attempt which attempt at it this is
 */
public record ImageTask(
    Position position,
    String requestId,
    ImageSource source,
    Integrity integrity,
    ModelSelector model,
    Map<String, String> parameters,
    Deadline deadline,
    Map<String, String> metadata,
    Instant submittedAt,
    Attempt attempt) {
  public ImageTask {
    requireNonNull(position, "position is null");
    requireNonNull(requestId, "requestId is null");
    requireNonNull(source, "source is null");
    requireNonNull(integrity, "integrity is null");
    requireNonNull(model, "model is null");
    parameters = Map.copyOf(parameters);
    requireNonNull(deadline, "deadline is null");
    metadata = Map.copyOf(metadata);
    requireNonNull(submittedAt, "submittedAt is null");
    requireNonNull(attempt, "attempt is null");
  }

  /**
   * The same request after an attempt that has failed now.
   *
   * @param number of the attempt to come
   * @param step of the retry ladder on which it waits for it
   */
  public ImageTask again(int number, int step, Instant now) {
    Instant firstFailure =
        switch (attempt) {
          case Attempt.First() -> now;
          case Attempt.Again(_, _, Instant first) -> first;
        };
    return new ImageTask(
        position,
        requestId,
        source,
        integrity,
        model,
        parameters,
        deadline,
        metadata,
        submittedAt,
        new Attempt.Again(number, step, firstFailure));
  }
}

package dev.sluice.worker.retry;

import static java.util.Objects.requireNonNull;

import dev.sluice.worker.model.Deadline;
import dev.sluice.worker.model.TaskException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Decides what becomes of a request that failed: a pure function of the failure, of how far up the
 * ladder the request has come, of its deadline and the time.
 *
 * <p>A failure that may pass takes the next step of the ladder: it waits for that step's delay and
 * is tried again. An origin that said how long to leave it alone sends the request to the first
 * step that is as long as that, or to the last if none is. On a retry topic every record so waits
 * exactly as long as the others there and nobody waits behind a later one. After the last step a
 * failure is for good, and so it is when its kind cannot pass.
 *
 * @param steps the ladder's delays, ascending; empty when nothing is tried again
 * @param place where requests wait
 */
public record RetryPolicy(List<Duration> steps, Place place) {
  /** Where a request waits for its next attempt. */
  public enum Place {
    /** On a retry topic, holding nobody up. */
    TOPIC,
    /** Where it is, because those behind it must not overtake it. */
    IN_PLACE
  }

  public RetryPolicy {
    steps = List.copyOf(steps);
    requireNonNull(place, "place is null");
    if (!steps.equals(steps.stream().sorted().distinct().toList())) {
      throw new IllegalArgumentException("the steps are not ascending: " + steps);
    }
    if (!steps.isEmpty() && !steps.getFirst().isPositive()) {
      throw new IllegalArgumentException("a step is not positive: " + steps.getFirst());
    }
  }

  /**
   * Decides.
   *
   * @param reason why the request failed
   * @param stepsTaken how many steps of the ladder it has taken before
   */
  public Verdict decide(TaskException reason, int stepsTaken, Deadline deadline, Instant now) {
    if (!reason.code().retryable() || stepsTaken >= steps.size()) {
      return new Verdict.GiveUp();
    }
    int step = stepFor(reason.retryAfter(), stepsTaken);
    Instant due = now.plus(steps.get(step));
    if (deadline.isPast(due)) {
      return new Verdict.Expire();
    }
    return switch (place) {
      case TOPIC -> new Verdict.Postpone(step, due);
      case IN_PLACE -> new Verdict.WaitInPlace(step, steps.get(step));
    };
  }

  private int stepFor(Duration retryAfter, int first) {
    for (int step = first; step < steps.size(); step++) {
      if (steps.get(step).compareTo(retryAfter) >= 0) {
        return step;
      }
    }
    return steps.size() - 1;
  }
}

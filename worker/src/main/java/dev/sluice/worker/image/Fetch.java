package dev.sluice.worker.image;

import static java.util.Objects.requireNonNull;

import dev.sluice.worker.model.Attempt;
import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.Parking;
import dev.sluice.worker.model.TaskException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * One fetch under way: its time, whether it waits for an origin that is down, and on which origins
 * it has reported a failure. Owned by the thread that fetches.
 */
final class Fetch {
  /**
   * Whom this many outages end in a failure of its own has failed: in an outage of many requests
   * the trials go round, and none makes so many; a request that is all there is, or that fails on
   * an origin that is well, comes to its end so.
   */
  private static final int MOST_OUTAGES = 3;

  private final TimeLimit limit;
  private final Parking parking;
  private final Duration outageLimit;
  private final Set<Origin> blamed = new HashSet<>();

  /** When an earlier attempt of the request failed; the far future when there was none. */
  private final Instant failedBefore;

  /** When it first failed at an origin, here or in an earlier attempt. */
  private final Map<Origin, Instant> failures = new HashMap<>();

  /** When it first had to wait for an origin; the far future as long as it had not. */
  private Instant troubledSince;

  private boolean parked;
  private int outages;
  private boolean givenUp;

  /**
   * @param parking hears when it waits for an origin that is down
   * @param outageLimit how long it waits for origins in all
   * @param attempt of the request
   */
  Fetch(TimeLimit limit, Parking parking, Duration outageLimit, Attempt attempt) {
    this.limit = requireNonNull(limit, "limit is null");
    this.parking = requireNonNull(parking, "parking is null");
    this.outageLimit = requireNonNull(outageLimit, "outageLimit is null");
    this.troubledSince =
        switch (attempt) {
          case Attempt.First() -> Instant.MAX;
          case Attempt.Again(_, _, Instant firstFailure) -> firstFailure;
        };
    // One that only waited so far comes back with the number that it had.
    this.failedBefore = attempt.number() > 1 ? troubledSince : Instant.MAX;
  }

  TimeLimit limit() {
    return limit;
  }

  /** How many outages it has waited for and come through. */
  int outages() {
    return outages;
  }

  /** Whether it has waited for origins for as long, or as often, as it may. */
  boolean hasGivenUp() {
    return givenUp || outages >= MOST_OUTAGES;
  }

  /**
   * Whether a failure that it has just met says something of the origin: it is the first since this
   * fetch last waited for it, and the origin has answered nobody since the request first failed
   * there. What one request meets again and again says no more of an origin than what it meets
   * once, and where others got an answer meanwhile it is the request that is bad. Else some bad
   * ones, who stay while the good ones come and go, would be the majority after each outage and
   * begin the next.
   */
  boolean blames(Origin origin) {
    Instant now = limit.now();
    Instant first =
        failures.computeIfAbsent(origin, _ -> failedBefore.isBefore(now) ? failedBefore : now);
    return blamed.add(origin) && !origin.hasAnsweredSince(first);
  }

  /** Whether the request may have failed at an origin before. */
  boolean hasFailedAt(Origin origin) {
    return failures.containsKey(origin) || failedBefore.isBefore(Instant.MAX);
  }

  /**
   * Waits until it may try again to get something from an origin that is down. From the first call
   * on the fetch is parked, until {@link #resume} or {@link #leave}.
   *
   * @throws TaskException with DEADLINE_EXCEEDED or, when the outage lasted too long,
   *     IMAGE_UNAVAILABLE
   */
  void await(Origin origin) throws InterruptedException {
    Instant now = limit.now();
    if (now.isBefore(troubledSince)) {
      troubledSince = now;
    }
    Duration patience = Duration.between(now, troubledSince.plus(outageLimit));
    if (patience.isPositive()) {
      park(origin);
      Duration untilDeadline = limit.untilDeadline();
      Duration atMost = patience.compareTo(untilDeadline) < 0 ? patience : untilDeadline;
      if (origin.awaitChance(hasFailedAt(origin), atMost)) {
        return;
      }
      if (!limit.untilDeadline().isPositive()) {
        throw new TaskException(
            ErrorCode.DEADLINE_EXCEEDED,
            "the deadline passed while " + origin.name() + " was down");
      }
    }
    givenUp = true;
    throw new TaskException(
        ErrorCode.IMAGE_UNAVAILABLE,
        "%s is down, and this request has waited since %s, longer than %d s (images.outage_limit)"
            .formatted(origin.name(), troubledSince, outageLimit.toSeconds()));
  }

  /** It has its turn: the time that the outage took is forgiven. */
  void resume(Origin origin) {
    if (parked) {
      leave(origin);
      outages++;
      blamed.remove(origin);
      limit.restart();
    }
  }

  /** It waits no longer, whatever comes of it. */
  void leave(Origin origin) {
    if (parked) {
      parked = false;
      origin.waits(-1);
      parking.left();
    }
  }

  private void park(Origin origin) {
    if (!parked) {
      parked = true;
      origin.waits(1);
      parking.entered(origin.name());
    }
  }
}

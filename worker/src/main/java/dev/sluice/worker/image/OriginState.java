package dev.sluice.worker.image;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * How an origin of images stands.
 *
 * @param breaker whether it is fetched from
 * @param since since when it is well, or, of one that is not, since when it is not
 * @param waiting requests that wait until it is well
 */
public record OriginState(BreakerState breaker, Instant since, int waiting) {
  public OriginState {
    requireNonNull(breaker, "breaker is null");
    requireNonNull(since, "since is null");
  }
}

package dev.sluice.worker.image;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.TaskException;
import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * How many fetches go to each origin at once, and whether it is left alone: a circuit breaker
 * (Resilience4j) for each. Safe for any thread.
 *
 * <p>Producers choose the origins, so only so many are remembered; the one unused longest is
 * forgotten, and its breaker begins anew should it come back.
 */
final class Origins {
  private static final int TRIALS_WHEN_HALF_OPEN = 3;

  private final FetchSettings.Limits limits;
  private final FetchSettings.Breaker settings;
  private final CircuitBreakerConfig config;
  private final Semaphore everywhere;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final LinkedHashMap<String, Origin> known = new LinkedHashMap<>(16, 0.75f, true);

  Origins(FetchSettings.Limits limits, FetchSettings.Breaker settings, InstantSource clock) {
    this.limits = limits;
    this.settings = settings;
    this.everywhere = new Semaphore(limits.maxConcurrent(), true);
    this.config =
        CircuitBreakerConfig.custom()
            .slidingWindowType(SlidingWindowType.COUNT_BASED)
            .slidingWindowSize(settings.window())
            .minimumNumberOfCalls(settings.minimumCalls())
            .failureRateThreshold(settings.failurePercent())
            .waitDurationInOpenState(settings.openFor())
            .permittedNumberOfCallsInHalfOpenState(TRIALS_WHEN_HALF_OPEN)
            .clock(clock.withZone(ZoneOffset.UTC))
            .writableStackTraceEnabled(false)
            .build();
  }

  /** One attempt at an origin. */
  interface Attempt<T> {
    T make() throws InterruptedException;
  }

  /**
   * Makes an attempt when it is its turn and the breaker lets it through, and tells the breaker how
   * it went: IMAGE_UNAVAILABLE is the origin's failure, any other answer shows that it is well, and
   * what the request or this worker is to blame for says nothing.
   *
   * @throws TaskException with IMAGE_UNAVAILABLE when the breaker is open, DEADLINE_EXCEEDED when
   *     the turn did not come in time
   */
  <T> T attempt(String name, TimeLimit limit, Attempt<T> attempt) throws InterruptedException {
    Origin origin = origin(name);
    acquire(origin.turns(), name, limit);
    try {
      acquire(everywhere, name, limit);
      try {
        return guarded(origin.breaker(), name, attempt);
      } finally {
        everywhere.release();
      }
    } finally {
      origin.turns().release();
    }
  }

  /** The state of each remembered origin's breaker, by origin. */
  Map<String, BreakerState> breakers() {
    synchronized (lock) {
      Map<String, BreakerState> states = new TreeMap<>();
      known.forEach((name, origin) -> states.put(name, stateOf(origin.breaker())));
      return Collections.unmodifiableMap(states);
    }
  }

  private <T> T guarded(CircuitBreaker breaker, String name, Attempt<T> attempt)
      throws InterruptedException {
    if (!breaker.tryAcquirePermission()) {
      throw new TaskException(
          ErrorCode.IMAGE_UNAVAILABLE,
          "circuit open: " + name + " failed too often and is left alone for a while",
          CallNotPermittedException.createCallNotPermittedException(breaker));
    }
    long start = breaker.getCurrentTimestamp();
    try {
      T result = attempt.make();
      breaker.onSuccess(breaker.getCurrentTimestamp() - start, breaker.getTimestampUnit());
      return result;
    } catch (TaskException e) {
      long duration = breaker.getCurrentTimestamp() - start;
      switch (e.code()) {
        case IMAGE_UNAVAILABLE -> breaker.onError(duration, breaker.getTimestampUnit(), e);
        case IMAGE_NOT_FOUND, IMAGE_ACCESS_DENIED, IMAGE_TOO_LARGE, IMAGE_CORRUPT ->
            breaker.onSuccess(duration, breaker.getTimestampUnit());
        default -> breaker.releasePermission();
      }
      throw e;
    } catch (InterruptedException | RuntimeException | Error e) {
      breaker.releasePermission();
      throw e;
    }
  }

  private Origin origin(String name) {
    synchronized (lock) {
      Origin origin =
          known.computeIfAbsent(
              name,
              unknown ->
                  new Origin(
                      CircuitBreaker.of(unknown, config),
                      new Semaphore(limits.maxConcurrentPerOrigin(), true)));
      if (known.size() > settings.maxOrigins()) {
        known.remove(known.firstEntry().getKey());
      }
      return origin;
    }
  }

  /** Waiting for one's turn is the worker's doing: the deadline counts, the timeout does not. */
  private static void acquire(Semaphore turns, String name, TimeLimit limit)
      throws InterruptedException {
    long start = System.nanoTime();
    boolean acquired = turns.tryAcquire(limit.untilDeadline().toMillis(), TimeUnit.MILLISECONDS);
    limit.waited(System.nanoTime() - start);
    if (!acquired) {
      throw new TaskException(
          ErrorCode.DEADLINE_EXCEEDED,
          "the deadline passed while waiting for a turn to fetch from " + name);
    }
  }

  private static BreakerState stateOf(CircuitBreaker breaker) {
    return switch (breaker.getState()) {
      case CLOSED, DISABLED, METRICS_ONLY -> BreakerState.CLOSED;
      case HALF_OPEN -> BreakerState.HALF_OPEN;
      case OPEN, FORCED_OPEN -> BreakerState.OPEN;
    };
  }

  /** What is kept of one origin. */
  private record Origin(CircuitBreaker breaker, Semaphore turns) {}
}

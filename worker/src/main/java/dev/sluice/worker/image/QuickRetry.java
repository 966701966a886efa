package dev.sluice.worker.image;

import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.TaskException;
import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.core.IntervalFunction;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import java.time.Duration;

/**
 * Tries again, soon, what a moment may heal: IMAGE_UNAVAILABLE, a few times with growing and partly
 * random pauses, within a window and within the fetch's own time. Immutable.
 */
final class QuickRetry {
  private static final double GROWTH = 2;
  private static final double RANDOM_SHARE = 0.5;

  private final FetchSettings.Retries settings;
  private final IntervalFunction pause;

  QuickRetry(FetchSettings.Retries settings) {
    this.settings = settings;
    this.pause =
        IntervalFunction.ofExponentialRandomBackoff(settings.firstDelay(), GROWTH, RANDOM_SHARE);
  }

  <T> T run(TimeLimit limit, Origins.Attempt<T> attempt) throws InterruptedException {
    Duration until = limit.elapsed().plus(settings.window());
    Retry retry =
        Retry.of(
            "fetch",
            RetryConfig.custom()
                .maxAttempts(settings.maxAttempts())
                .intervalFunction(number -> pauseMillis(number, limit))
                .retryOnException(e ->
                    e instanceof TaskException task
                        && task.code() == ErrorCode.IMAGE_UNAVAILABLE
                        && !(task.getCause() instanceof CallNotPermittedException)
                        && limit.elapsed().compareTo(until) < 0
                        && limit.remaining().isPositive())
                .build());
    try {
      return retry.executeCallable(attempt::make);
    } catch (RuntimeException e) {
      if (wasInterrupted()) {
        throw interruption(e);
      }
      throw e;
    } catch (InterruptedException e) {
      // Resilience4j sets the flag again when a pause is interrupted; the exception says it.
      throw wasInterrupted() ? interruption(e) : e;
    } catch (Exception e) {
      throw new IllegalStateException("an attempt throws nothing else", e);
    }
  }

  private static boolean wasInterrupted() {
    return Thread.interrupted();
  }

  private static InterruptedException interruption(Exception cause) {
    InterruptedException interruption = new InterruptedException("interrupted while fetching");
    interruption.initCause(cause);
    return interruption;
  }

  /** Never past the end of the fetch's time. */
  private long pauseMillis(int attempt, TimeLimit limit) {
    return Math.clamp(limit.remaining().toMillis(), 1, pause.apply(attempt));
  }
}

package dev.sluice.worker.image;

import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.TaskException;
import io.github.resilience4j.core.IntervalFunction;
import io.github.resilience4j.core.functions.Either;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import java.time.Duration;

/**
 * Tries again, soon, what a moment may heal: IMAGE_UNAVAILABLE, a few times with growing and partly
 * random pauses, within a window and within the fetch's own time. An origin that says how long to
 * leave it alone is left alone for that long, or, when the window is shorter, not asked again here.
 * Immutable.
 *
 * <p>Resilience4j's machinery is only set up for a fetch whose first attempt has failed: it costs
 * more than the rest of a fetch that goes well.
 */
final class QuickRetry {
  /** One attempt of a fetch, at however many origins. */
  interface Attempt<T> {
    T make() throws InterruptedException;
  }

  private static final double GROWTH = 2;
  private static final double RANDOM_SHARE = 0.5;

  private final FetchSettings.Retries settings;
  private final IntervalFunction pause;

  QuickRetry(FetchSettings.Retries settings) {
    this.settings = settings;
    this.pause =
        IntervalFunction.ofExponentialRandomBackoff(settings.firstDelay(), GROWTH, RANDOM_SHARE);
  }

  <T> T run(Fetch fetch, Attempt<T> attempt) throws InterruptedException {
    Duration until = fetch.limit().elapsed().plus(settings.window());
    try {
      return attempt.make();
    } catch (TaskException first) {
      return again(fetch, until, new AfterFirst<>(first, attempt));
    } catch (RuntimeException e) {
      if (wasInterrupted()) {
        throw interruption(e);
      }
      throw e;
    }
  }

  private <T> T again(Fetch fetch, Duration until, Attempt<T> attempt) throws InterruptedException {
    TimeLimit limit = fetch.limit();
    Retry retry =
        Retry.of(
            "fetch",
            RetryConfig.<T>custom()
                .maxAttempts(settings.maxAttempts())
                .intervalBiFunction((number, outcome) -> pauseMillis(number, rest(outcome), limit))
                .retryOnException(e ->
                    e instanceof TaskException task
                        && task.code() == ErrorCode.IMAGE_UNAVAILABLE
                        && !fetch.hasGivenUp()
                        && limit.elapsed().plus(task.retryAfter()).compareTo(until) < 0
                        && limit.remaining().compareTo(task.retryAfter()) > 0)
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

  /** The first attempt has been made: it is told again, and the others are made. */
  private static final class AfterFirst<T> implements Attempt<T> {
    private final TaskException first;
    private final Attempt<T> others;
    private boolean told;

    private AfterFirst(TaskException first, Attempt<T> others) {
      this.first = first;
      this.others = others;
    }

    @Override
    public T make() throws InterruptedException {
      if (told) {
        return others.make();
      }
      told = true;
      throw first;
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

  private static <T> Duration rest(Either<Throwable, T> outcome) {
    return outcome.isLeft() && outcome.getLeft() instanceof TaskException task
        ? task.retryAfter()
        : Duration.ZERO;
  }

  /** Never past the end of the fetch's time. */
  private long pauseMillis(int attempt, Duration rest, TimeLimit limit) {
    long wanted = Math.max(pause.apply(attempt), rest.toMillis());
    return Math.clamp(limit.remaining().toMillis(), 1, wanted);
  }
}

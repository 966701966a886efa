package dev.sluice.worker.image;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.TaskException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.StateTransition;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One origin: its circuit breaker (Resilience4j) and who waits until it is well. Safe for any
 * thread.
 *
 * <p>While it is down, nobody asks it. When it has been left alone for long enough, the request
 * that has waited longest of those that have not failed here yet makes one trial, or if there are
 * none the one that has waited longest of all: if that goes well all go on, else all wait on, the
 * one that tried behind the others, so that bad requests among them keep nobody waiting for ever.
 * Before its own it makes one of what was answered last, so that bad requests do not wait for each
 * other either where there are no others.
 */
final class Origin {
  private static final Logger LOG = LoggerFactory.getLogger(Origin.class);

  /** An origin may ask for more rest than it is due, but not for so much that it is forgotten. */
  private static final Duration LONGEST_REST = Duration.ofMinutes(5);

  /** The breaker never leaves its open state by itself; the alarm makes it. */
  private static final Duration NEVER = Duration.ofDays(36_500);

  static {
    loadStates();
  }

  private final String name;
  private final Duration openFor;
  private final Alarms alarms;
  private final InstantSource clock;
  private final CircuitBreaker breaker;
  private final ReentrantLock lock = new ReentrantLock();

  /** Who has not failed here yet: its trial says more than that of one who has. */
  private final Condition newcomerMayTry = lock.newCondition();

  private final Condition mayTry = lock.newCondition();

  /** How many wait for {@link #newcomerMayTry}. */
  @GuardedBy("lock")
  private int newcomers;

  /** Whether one of those that wait may make a trial. */
  @GuardedBy("lock")
  private boolean trialOpen;

  @GuardedBy("lock")
  private int waiting;

  @GuardedBy("lock")
  private Instant since;

  /** What the latest failure came with; zero when it asked for nothing. */
  private volatile Duration askedToRest = Duration.ZERO;

  /** When it last answered somebody. */
  private volatile Instant answeredAt = Instant.MIN;

  /** What it answered last of all; null until it has. Any thread may make it again. */
  private volatile Origins.@Nullable Attempt<?> lastAnswered;

  Origin(String name, FetchSettings.Breaker settings, Alarms alarms, InstantSource clock) {
    this.name = name;
    this.openFor = settings.openFor();
    this.alarms = alarms;
    this.clock = clock;
    this.since = clock.instant();
    this.breaker =
        CircuitBreaker.of(
            name,
            CircuitBreakerConfig.custom()
                .slidingWindowType(SlidingWindowType.COUNT_BASED)
                .slidingWindowSize(settings.window())
                .minimumNumberOfCalls(settings.minimumCalls())
                .failureRateThreshold(settings.failurePercent())
                .waitDurationInOpenState(NEVER)
                .permittedNumberOfCallsInHalfOpenState(1)
                .writableStackTraceEnabled(false)
                .build());
    breaker.getEventPublisher().onStateTransition(event -> changed(event.getStateTransition()));
  }

  /**
   * Has every state of a breaker loaded before the first request. What is loaded with the first
   * outage makes compiled code invalid in which requests wait on virtual threads, and one whose
   * wait ends in an exception goes on in that code where the JVM has JDK-8389310 (25.0.3 has): it
   * ends in an IncompatibleClassChangeError instead of waiting for the origin.
   */
  private static void loadStates() {
    CircuitBreaker any = CircuitBreaker.ofDefaults("any");
    any.transitionToOpenState();
    any.transitionToHalfOpenState();
    any.transitionToClosedState();
  }

  String name() {
    return name;
  }

  /** Whether requests have to wait. */
  boolean isDown() {
    return breaker.getState() != State.CLOSED;
  }

  OriginState state() {
    lock.lock();
    try {
      BreakerState state =
          switch (breaker.getState()) {
            case CLOSED, DISABLED, METRICS_ONLY -> BreakerState.CLOSED;
            case HALF_OPEN -> BreakerState.HALF_OPEN;
            case OPEN, FORCED_OPEN -> BreakerState.OPEN;
          };
      return new OriginState(state, since, waiting);
    } finally {
      lock.unlock();
    }
  }

  /** Counts those that wait. */
  void waits(int more) {
    lock.lock();
    try {
      waiting += more;
    } finally {
      lock.unlock();
    }
  }

  /** Whether somebody has got an answer here after this moment. */
  boolean hasAnsweredSince(Instant moment) {
    return answeredAt.isAfter(moment);
  }

  /**
   * Waits for a chance to be let through; the first to come is the first to get it. Whoever got one
   * uses it ({@link #letsThrough}) or hands it on ({@link #handOn}).
   *
   * @param hasFailed whether who waits has failed here before: others come first
   * @return whether there was one within {@code atMost}
   */
  boolean awaitChance(boolean hasFailed, Duration atMost) throws InterruptedException {
    long left = TimeUnit.NANOSECONDS.convert(atMost);
    Condition mine = hasFailed ? mayTry : newcomerMayTry;
    int newcomer = hasFailed ? 0 : 1;
    lock.lockInterruptibly();
    try {
      newcomers += newcomer;
      try {
        while (!takeChance()) {
          if (left <= 0) {
            return false;
          }
          left = mine.awaitNanos(left);
        }
        return true;
      } finally {
        newcomers -= newcomer;
        if (trialOpen) {
          // Whoever was told of it may be this one, who leaves without it.
          openTrial();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Gives a chance that was not used to the next; does nothing where there are none to give. */
  void handOn() {
    lock.lock();
    try {
      if (breaker.getState() == State.HALF_OPEN) {
        openTrial();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Whether an attempt may be made now; if so {@link #attempt} follows. */
  boolean letsThrough() {
    return breaker.tryAcquirePermission();
  }

  /**
   * Makes an attempt, for which the fetch is parked no longer, and tells the breaker how it went:
   * IMAGE_UNAVAILABLE is the origin's failure, any other answer shows that it is well, and what the
   * request or this worker is to blame for says nothing.
   *
   * <p>A trial that fails says as much of its request as of the origin. So what the origin answered
   * last is asked for first: when that goes well, the origin is well, whatever the trial comes to.
   */
  <T extends Origins.Fetched> T attempt(Fetch fetch, Origins.Attempt<T> attempt)
      throws InterruptedException {
    long start = breaker.getCurrentTimestamp();
    boolean told = false;
    try {
      fetch.resume(this);
      if (isDown()) {
        probe(fetch.limit());
      }
      T result = attempt.make(fetch.limit());
      told = true;
      lastAnswered = attempt;
      answered(start);
      return result;
    } catch (TaskException e) {
      if (isFailure(e)) {
        // A trial is always told: it is what everybody waits for.
        if (fetch.blames(this) || breaker.getState() == State.HALF_OPEN) {
          told = true;
          askedToRest = e.retryAfter();
          breaker.onError(since(start), breaker.getTimestampUnit(), e);
        }
      } else if (isAnswer(e)) {
        told = true;
        answered(start);
      }
      throw e;
    } finally {
      if (!told) {
        try {
          breaker.releasePermission();
        } finally {
          // Whatever went wrong: without a trial all would wait for ever.
          handOn();
        }
      }
    }
  }

  /** Asks for what was answered last, if anything was; all go on when it is answered again. */
  private void probe(TimeLimit limit) throws InterruptedException {
    Origins.Attempt<?> known = lastAnswered;
    if (known == null) {
      return;
    }
    long start = breaker.getCurrentTimestamp();
    try (Origins.Fetched _ = known.make(limit)) {
      answered(start);
    } catch (TaskException e) {
      if (isAnswer(e)) {
        answered(start);
      } else {
        // It may be what was asked for that is bad by now: the trial follows, with all its time.
        LOG.debug("{} does not answer what it has answered before", name, e);
        limit.restart();
      }
    }
  }

  private void answered(long start) {
    answeredAt = clock.instant();
    breaker.onSuccess(since(start), breaker.getTimestampUnit());
  }

  private static boolean isFailure(TaskException e) {
    return e.code() == ErrorCode.IMAGE_UNAVAILABLE;
  }

  private static boolean isAnswer(TaskException e) {
    return switch (e.code()) {
      case IMAGE_NOT_FOUND, IMAGE_ACCESS_DENIED, IMAGE_TOO_LARGE, IMAGE_CORRUPT -> true;
      default -> false;
    };
  }

  private long since(long start) {
    return breaker.getCurrentTimestamp() - start;
  }

  @GuardedBy("lock")
  private boolean takeChance() {
    return switch (breaker.getState()) {
      case CLOSED, DISABLED, METRICS_ONLY -> true;
      case HALF_OPEN -> {
        boolean mine = trialOpen;
        trialOpen = false;
        yield mine;
      }
      case OPEN, FORCED_OPEN -> false;
    };
  }

  @GuardedBy("lock")
  private void openTrial() {
    trialOpen = true;
    (newcomers > 0 ? newcomerMayTry : mayTry).signal();
  }

  /**
   * Called by whoever changed the breaker's state, after the change. Two changes may be told in the
   * wrong order; so those that wait look at the state itself.
   */
  private void changed(StateTransition transition) {
    Instant now = clock.instant();
    lock.lock();
    try {
      switch (transition.getToState()) {
        case OPEN -> {
          trialOpen = false;
          boolean anew = transition.getFromState() == State.CLOSED;
          since = anew ? now : since;
          Duration rest = rest();
          alarms.after(rest, this::allowTrial);
          if (anew) {
            LOG.warn(
                "{} fails; requests for it wait, and one tries it in {} s", name, seconds(rest));
          } else {
            LOG.info("{} still fails; one request tries it again in {} s", name, seconds(rest));
          }
        }
        case HALF_OPEN -> openTrial();
        default -> {
          LOG.info(
              "{} is well again after {} s; {} requests go on",
              name,
              seconds(Duration.between(since, now)),
              waiting);
          since = now;
          newcomerMayTry.signalAll();
          mayTry.signalAll();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private void allowTrial() {
    if (breaker.getState() == State.OPEN) {
      breaker.transitionToHalfOpenState();
    }
  }

  private Duration rest() {
    Duration asked = askedToRest.compareTo(LONGEST_REST) < 0 ? askedToRest : LONGEST_REST;
    return asked.compareTo(openFor) > 0 ? asked : openFor;
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1e3;
  }
}

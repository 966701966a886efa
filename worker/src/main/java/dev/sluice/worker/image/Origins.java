package dev.sluice.worker.image;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.TaskException;
import java.time.InstantSource;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * How many fetches go to each origin at once, and who waits while an origin is down. Safe for any
 * thread.
 *
 * <p>Producers choose the origins, so only so many are remembered; of those that nobody is at, the
 * one unused longest is forgotten, and its breaker begins anew should it come back.
 */
final class Origins {
  private final FetchSettings.Limits limits;
  private final FetchSettings.Breaker settings;
  private final Alarms alarms;
  private final InstantSource clock;
  private final Semaphore everywhere;
  private final Semaphore ahead;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final LinkedHashMap<String, Known> known = new LinkedHashMap<>(16, 0.75f, true);

  /**
   * @param alarms end the rest of an origin that is down
   * @param clock tells people since when it is
   */
  Origins(
      FetchSettings.Limits limits,
      FetchSettings.Breaker settings,
      Alarms alarms,
      InstantSource clock) {
    this.limits = limits;
    this.settings = settings;
    this.alarms = alarms;
    this.clock = clock;
    this.everywhere = new Semaphore(limits.maxConcurrent(), true);
    this.ahead = new Semaphore(limits.maxAhead(), true);
  }

  /** One attempt at an origin, which anybody may make again later to see whether it is well. */
  interface Attempt<T extends Fetched> {
    /** Makes it, within the limit of the fetch that does. */
    T make(TimeLimit limit) throws InterruptedException;
  }

  /** What an attempt got. */
  interface Fetched extends AutoCloseable {
    /** Takes over the place that the attempt had; what needs none gives it back at once. */
    default void keep(Place place) {
      place.close();
    }

    /** Gives back what it holds. */
    @Override
    void close();
  }

  /**
   * Makes an attempt when it is its turn and the origin is well; while it is down the fetch is
   * parked. An attempt that fails because the origin is down is not the fetch's failure: it waits
   * and makes another, a few times.
   *
   * @throws TaskException what the attempt threw; DEADLINE_EXCEEDED when the turn, or the end of
   *     the outage, did not come in time; IMAGE_UNAVAILABLE when the outage outlasted its limit
   */
  <T extends Fetched> T attempt(String name, Fetch fetch, Attempt<T> attempt)
      throws InterruptedException {
    Known place = enter(name);
    try {
      while (true) {
        if (place.origin.isDown()) {
          fetch.await(place.origin);
        }
        if (inTurn(place, fetch, attempt) instanceof Turn.Taken<T>(T result)) {
          return result;
        }
      }
    } finally {
      fetch.leave(place.origin);
      leave(place);
    }
  }

  /** How many images have been fetched, or are being fetched, and not been answered. */
  int imagesAhead() {
    return limits.maxAhead() - ahead.availablePermits();
  }

  /** How each remembered origin stands, by its name. */
  Map<String, OriginState> states() {
    synchronized (lock) {
      Map<String, OriginState> states = new TreeMap<>();
      known.forEach((name, place) -> states.put(name, place.origin.state()));
      return Collections.unmodifiableMap(states);
    }
  }

  private <T extends Fetched> Turn<T> inTurn(Known known, Fetch fetch, Attempt<T> attempt)
      throws InterruptedException {
    Origin origin = known.origin;
    boolean asked = false;
    try {
      acquire(known.turns, origin.name(), fetch.limit());
      try {
        acquire(ahead, origin.name(), fetch.limit());
        try (Place place = Place.acquired(ahead)) {
          acquire(everywhere, origin.name(), fetch.limit());
          asked = true;
          try {
            return ask(origin, fetch, attempt, place);
          } finally {
            everywhere.release();
          }
        }
      } finally {
        known.turns.release();
      }
    } finally {
      if (!asked) {
        origin.handOn();
      }
    }
  }

  /**
   * @param place what the attempt got has one of its own when it went well; this one is free
   */
  private static <T extends Fetched> Turn<T> ask(
      Origin origin, Fetch fetch, Attempt<T> attempt, Place place) throws InterruptedException {
    if (!origin.letsThrough()) {
      return new Turn.Refused<>();
    }
    try {
      T result = origin.attempt(fetch, attempt);
      result.keep(place.handedOver());
      return new Turn.Taken<>(result);
    } catch (TaskException e) {
      if (e.code() == ErrorCode.IMAGE_UNAVAILABLE && origin.isDown() && !fetch.hasGivenUp()) {
        return new Turn.Refused<>();
      }
      throw e;
    }
  }

  private Known enter(String name) {
    synchronized (lock) {
      Known place = known.computeIfAbsent(name, this::unknown);
      place.fetches++;
      forgetOne();
      return place;
    }
  }

  private void leave(Known place) {
    synchronized (lock) {
      place.fetches--;
    }
  }

  @GuardedBy("lock")
  private void forgetOne() {
    Iterator<Known> oldestFirst = known.values().iterator();
    while (known.size() > settings.maxOrigins() && oldestFirst.hasNext()) {
      if (oldestFirst.next().fetches == 0) {
        oldestFirst.remove();
      }
    }
  }

  private Known unknown(String name) {
    return new Known(
        new Origin(name, settings, alarms, clock),
        new Semaphore(limits.maxConcurrentPerOrigin(), true));
  }

  /** Waiting for one's turn is the worker's doing: the deadline counts, the timeout does not. */
  private static void acquire(Semaphore turns, String name, TimeLimit limit)
      throws InterruptedException {
    long start = System.nanoTime();
    boolean acquired = acquire(turns, limit);
    limit.waited(System.nanoTime() - start);
    if (!acquired) {
      throw new TaskException(
          ErrorCode.DEADLINE_EXCEEDED,
          "the deadline passed while waiting for a turn to fetch from " + name);
    }
  }

  /** Without a time to wake up at where there is none: most requests wait here, and timers cost. */
  private static boolean acquire(Semaphore turns, TimeLimit limit) throws InterruptedException {
    if (limit.hasDeadline()) {
      return turns.tryAcquire(limit.untilDeadline().toMillis(), TimeUnit.MILLISECONDS);
    }
    turns.acquire();
    return true;
  }

  /** What came of a turn. */
  private sealed interface Turn<T> {
    /** The attempt went well. */
    record Taken<T>(T result) implements Turn<T> {}

    /** The origin is down. */
    record Refused<T>() implements Turn<T> {}
  }

  /** What is kept of one origin. */
  private static final class Known {
    private final Origin origin;
    private final Semaphore turns;

    /** How many are at it or wait for it; guarded by the lock of {@link Origins}. */
    private int fetches;

    private Known(Origin origin, Semaphore turns) {
      this.origin = origin;
      this.turns = turns;
    }
  }
}

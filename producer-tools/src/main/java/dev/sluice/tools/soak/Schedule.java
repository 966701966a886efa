package dev.sluice.tools.soak;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.IntFunction;

/**
 * Which fault comes when: a pure function of a seed and of what there is to be hurt, so that a run
 * that found something can be done again. (What the system makes of it is another matter: the
 * operating system's scheduler has no seed.)
 *
 * <p>The kinds come as cards from a shuffled deck, each as often as its weight says, so that a
 * short run has them all. A card whose subject is still busy waits for its turn.
 *
 * @param seed where it comes from
 * @param faults in the order of their times
 */
record Schedule(long seed, List<TimedFault> faults) {
  /**
   * Undoing takes time that nobody knows beforehand. Another fault of the same subject comes after
   * this much at the earliest: a worker starts, a broker catches up.
   */
  private static final Duration WORKER_RECOVERY = Duration.ofSeconds(6);

  private static final Duration BROKER_RECOVERY = Duration.ofSeconds(10);
  private static final Duration SERVER_RECOVERY = Duration.ofSeconds(3);

  private static final Duration PATIENCE = Duration.ofMillis(500);

  /** Workers that come beyond the usual ones. */
  private static final int ADDED_WORKERS = 2;

  Schedule {
    faults = List.copyOf(faults);
  }

  /**
   * What there is to be hurt.
   *
   * @param duration how long faults begin
   * @param faults how many
   * @param workers the usual ones; the first is never ended unless it is the only one, so that its
   *     memory over the whole run can be looked at
   * @param brokers 1 or 3
   * @param kinds the kinds to take from
   */
  record Limits(Duration duration, int faults, int workers, int brokers, Set<FaultKind> kinds) {
    Limits {
      kinds = Set.copyOf(kinds);
      if (faults < 0 || workers < 1 || brokers < 1 || !duration.isPositive()) {
        throw new IllegalArgumentException(
            "a soak needs workers, brokers and time, and no negative number of faults");
      }
      if (faults > 0 && kinds.isEmpty()) {
        throw new IllegalArgumentException("faults, but of no kind");
      }
    }
  }

  /**
   * A fault and when it begins.
   *
   * @param at since the start of the schedule
   */
  record TimedFault(Duration at, Fault fault) {}

  /** The schedule of a seed. */
  static Schedule of(long seed, Limits limits) {
    return new Schedule(seed, new Dealer(seed, limits).deal());
  }

  /** Makes one schedule. Used by one thread. */
  private static final class Dealer {
    private final Limits limits;
    private final SplittableRandom random;
    private final Map<String, Duration> freeFrom = new HashMap<>();
    private final List<FaultKind> deck = new ArrayList<>();

    Dealer(long seed, Limits limits) {
      this.limits = limits;
      this.random = new SplittableRandom(seed);
    }

    List<TimedFault> deal() {
      List<TimedFault> dealt = new ArrayList<>();
      Duration gap = limits.duration().dividedBy(Math.max(1, limits.faults()));
      for (int i = 0; i < limits.faults(); i++) {
        Duration at = gap.multipliedBy(i).plusMillis(random.nextLong(Math.max(1, gap.toMillis())));
        dealt.add(next(at));
      }
      dealt.sort(Comparator.comparing(TimedFault::at));
      return dealt;
    }

    /** The first card that can be played at {@code at}; if there is none, a little later. */
    private TimedFault next(Duration at) {
      for (Duration time = at; ; time = time.plus(PATIENCE)) {
        Optional<Fault> fault = play(time);
        if (fault.isEmpty() && deck.size() <= FaultKind.values().length) {
          shuffle(); // What is left is busy; it comes again later.
          fault = play(time);
        }
        if (fault.isPresent()) {
          return new TimedFault(time, fault.get());
        }
      }
    }

    private Optional<Fault> play(Duration at) {
      for (int card = 0; card < deck.size(); card++) {
        Optional<Fault> fault = make(deck.get(card), at);
        if (fault.isPresent()) {
          deck.remove(card);
          freeFrom.put(
              fault.get().subject(), at.plus(fault.get().lasts()).plus(recovery(fault.get())));
          return fault;
        }
      }
      return Optional.empty();
    }

    /** Adds a shuffled card of each kind, then the shuffled rest. */
    private void shuffle() {
      List<FaultKind> one = new ArrayList<>();
      List<FaultKind> rest = new ArrayList<>();
      for (FaultKind kind : FaultKind.values()) { // In their order: a set has none.
        if (limits.kinds().contains(kind)) {
          one.add(random.nextInt(one.size() + 1), kind);
          for (int i = 1; i < kind.weight(); i++) {
            rest.add(random.nextInt(rest.size() + 1), kind);
          }
        }
      }
      deck.addAll(one);
      deck.addAll(rest);
    }

    private Optional<Fault> make(FaultKind kind, Duration at) {
      return switch (kind) {
        case WORKER_KILLED ->
            worker(at, firstToEnd(), limits.workers())
                .map(worker -> new Fault.KillWorker(worker, millis(200, 4_000)));
        case WORKER_TERMINATED ->
            worker(at, firstToEnd(), limits.workers())
                .map(worker -> new Fault.TerminateWorker(worker, millis(200, 4_000)));
        case WORKER_STOPPED ->
            worker(at, 1, limits.workers()).map(worker -> new Fault.StopWorker(worker, stop()));
        case WORKER_ADDED ->
            worker(at, limits.workers() + 1, limits.workers() + ADDED_WORKERS)
                .map(worker -> new Fault.AddWorker(worker, millis(6_000, 15_000)));
        case BROKER_RESTARTED ->
            free(Fault.BROKERS, at).map(_ -> new Fault.RestartBroker(broker(), millis(0, 3_000)));
        case BROKER_KILLED ->
            free(Fault.BROKERS, at).map(_ -> new Fault.KillBroker(broker(), millis(0, 5_000)));
        case REGISTRY_OUTAGE ->
            free("registry", at)
                .map(_ ->
                    new Fault.RegistryOutage(any(Fault.Silence.values()), millis(2_000, 8_000)));
        case STORE_SLOW ->
            free(Fault.STORE, at)
                .map(_ -> new Fault.SlowStore(millis(100, 1_500), millis(2_000, 6_000)));
        case STORE_OUTAGE ->
            free(Fault.STORE, at)
                .map(_ ->
                    new Fault.StoreOutage(any(Fault.StoreAnswer.values()), millis(1_000, 10_000)));
        case DEVICE_SLOW ->
            device(at, 1)
                .map(worker -> new Fault.SlowDevice(worker, millis(50, 500), millis(2_000, 8_000)));
        case DEVICE_OUT_OF_MEMORY ->
            device(at, 1)
                .map(worker ->
                    new Fault.DeviceOutOfMemory(
                        worker, 1 + random.nextInt(4), millis(2_000, 8_000)));
        case DEVICE_WEDGED ->
            device(at, 1).map(worker -> new Fault.WedgedDevice(worker, millis(1_000, 8_000)));
        case DEVICE_ERROR ->
            device(at, 1).map(worker -> new Fault.FailingDevice(worker, millis(500, 2_000)));
        case DEVICE_GONE ->
            device(at, firstToEnd())
                .map(worker -> new Fault.GoneDevice(worker, millis(500, 3_000)));
      };
    }

    /** The first worker stays, unless it is the only one. */
    private int firstToEnd() {
      return Math.min(2, limits.workers());
    }

    /** Half of them too short to be noticed by the group, half of them longer than its patience. */
    private Duration stop() {
      return random.nextBoolean() ? millis(200, 4_000) : millis(8_000, 14_000);
    }

    private Optional<Integer> worker(Duration at, int first, int last) {
      return chosen(at, first, last, Fault::workerName);
    }

    private Optional<Integer> device(Duration at, int first) {
      return chosen(at, first, limits.workers(), Fault::deviceOf);
    }

    private Optional<Integer> chosen(
        Duration at, int first, int last, IntFunction<String> subject) {
      List<Integer> free = new ArrayList<>();
      for (int worker = first; worker <= last; worker++) {
        if (free(subject.apply(worker), at).isPresent()) {
          free.add(worker);
        }
      }
      return free.isEmpty() ? Optional.empty() : Optional.of(free.get(random.nextInt(free.size())));
    }

    private Optional<String> free(String subject, Duration at) {
      return freeFrom.getOrDefault(subject, Duration.ZERO).compareTo(at) <= 0
          ? Optional.of(subject)
          : Optional.empty();
    }

    private int broker() {
      return 1 + random.nextInt(limits.brokers());
    }

    private <T> T any(T[] values) {
      return values[random.nextInt(values.length)];
    }

    private Duration millis(int from, int to) {
      return Duration.ofMillis(random.nextInt(from, to));
    }

    private static Duration recovery(Fault fault) {
      return switch (fault.kind()) {
        case WORKER_KILLED, WORKER_TERMINATED, WORKER_STOPPED, WORKER_ADDED -> WORKER_RECOVERY;
        case BROKER_RESTARTED, BROKER_KILLED -> BROKER_RECOVERY;
        case REGISTRY_OUTAGE,
            STORE_SLOW,
            STORE_OUTAGE,
            DEVICE_SLOW,
            DEVICE_OUT_OF_MEMORY,
            DEVICE_WEDGED,
            DEVICE_ERROR,
            DEVICE_GONE ->
            SERVER_RECOVERY;
      };
    }
  }
}

package dev.sluice.tools.soak;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.sluice.devstack.Behaviour;
import dev.sluice.devstack.ImageServer;
import dev.sluice.devstack.ServerException;
import dev.sluice.tools.soak.Schedule.TimedFault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Plays a schedule: one virtual thread for each subject, which does to it what the schedule says,
 * in order, each at its time or when the one before is undone, whichever is later. When all is
 * played, or the end has come, everything is undone.
 */
final class FaultInjector {
  /** A worker drains before it ends because of its device. */
  private static final Duration GONE_UNTIL_NOTICED = Duration.ofSeconds(5);

  private final Schedule schedule;
  private final Fleet fleet;
  private final Brokers brokers;
  private final Gate registry;
  private final ImageServer store;
  private final Models models;
  private final CountDownLatch end;
  private final Consumer<String> events;
  private final List<Thread> threads = new ArrayList<>();

  @GuardedBy("this")
  private final Map<FaultKind, Integer> injected = new EnumMap<>(FaultKind.class);

  @GuardedBy("this")
  private final List<String> failures = new ArrayList<>();

  /**
   * @param end no fault begins after it, and those that last are undone
   * @param events told in a line each what happens
   */
  FaultInjector(
      Schedule schedule,
      Fleet fleet,
      Brokers brokers,
      Gate registry,
      ImageServer store,
      Models models,
      CountDownLatch end,
      Consumer<String> events) {
    this.schedule = schedule;
    this.fleet = fleet;
    this.brokers = brokers;
    this.registry = registry;
    this.store = store;
    this.models = models;
    this.end = end;
    this.events = events;
  }

  /** Begins now. Called once. */
  void start() {
    long begun = System.nanoTime();
    Map<String, List<TimedFault>> bySubject =
        schedule.faults().stream().collect(Collectors.groupingBy(fault -> fault.fault().subject()));
    bySubject.forEach((subject, faults) ->
        threads.add(Thread.ofVirtual().name("fault-" + subject).start(() -> play(faults, begun))));
  }

  /** Whether all has been played and undone. */
  boolean isDone() {
    return threads.stream().noneMatch(Thread::isAlive);
  }

  /** Waits until all is undone. */
  void join() throws InterruptedException {
    for (Thread thread : threads) {
      thread.join();
    }
  }

  /** How many faults of each kind there have been. */
  synchronized Map<FaultKind, Integer> injected() {
    return new EnumMap<>(injected);
  }

  /** What could not be done or undone: then the run says nothing about the workers. */
  synchronized List<String> failures() {
    return List.copyOf(failures);
  }

  private void play(List<TimedFault> faults, long begun) {
    try {
      for (TimedFault timed : faults) {
        long elapsed = System.nanoTime() - begun;
        if (pause(timed.at().minusNanos(elapsed))) {
          return;
        }
        events.accept("fault: " + timed.fault());
        synchronized (this) {
          injected.merge(timed.fault().kind(), 1, Integer::sum);
        }
        inject(timed.fault());
        events.accept("over: " + timed.fault());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | ServerException | UncheckedIOException e) {
      events.accept("a fault could not be done or undone: " + e);
      synchronized (this) {
        failures.add(String.valueOf(e.getMessage()).lines().findFirst().orElse("" + e));
      }
    }
  }

  private void inject(Fault fault) throws InterruptedException, IOException {
    switch (fault) {
      case Fault.KillWorker(int worker, Duration lasts) -> {
        fleet.kill(worker);
        pause(lasts);
        fleet.start(worker);
      }
      case Fault.TerminateWorker(int worker, Duration lasts) -> {
        fleet.terminate(worker);
        pause(lasts);
        fleet.start(worker);
      }
      case Fault.StopWorker(int worker, Duration lasts) -> fleet.stopFor(worker, lasts);
      case Fault.AddWorker(int worker, Duration lasts) -> {
        fleet.start(worker);
        pause(lasts);
        fleet.terminate(worker);
      }
      case Fault.RestartBroker(int node, Duration lasts) -> {
        brokers.stop(node);
        pause(lasts);
        brokers.start(node);
      }
      case Fault.KillBroker(int node, Duration lasts) -> {
        brokers.kill(node);
        pause(lasts);
        brokers.start(node);
      }
      case Fault.RegistryOutage(Fault.Silence silence, Duration lasts) -> {
        registry.shut(silence);
        pause(lasts);
        registry.reopen();
      }
      case Fault.SlowStore(Duration delay, Duration lasts) -> {
        store.behave(Pictures.FOLDER, new Behaviour.Delay(delay, new Behaviour.Normal()));
        pause(lasts);
        store.behaveAgain(Pictures.FOLDER);
      }
      case Fault.StoreOutage(Fault.StoreAnswer answer, Duration lasts) -> {
        store.behave(Pictures.FOLDER, behaviour(answer));
        pause(lasts);
        store.behaveAgain(Pictures.FOLDER);
      }
      case Fault.SlowDevice(int worker, Duration slower, Duration lasts) ->
          misbehave(worker, "slow: %dms".formatted(slower.toMillis()), lasts);
      case Fault.DeviceOutOfMemory(int worker, int maxBatch, Duration lasts) ->
          misbehave(worker, "max_batch: " + maxBatch, lasts);
      case Fault.WedgedDevice(int worker, Duration lasts) ->
          misbehave(worker, "wedge: %dms".formatted(lasts.toMillis()), lasts);
      case Fault.FailingDevice(int worker, Duration lasts) ->
          misbehave(worker, "error_calls: 1", lasts);
      case Fault.GoneDevice(int worker, Duration lasts) -> {
        fleet.deviceIsGone(worker, true);
        misbehave(worker, "gone: true", lasts);
        pause(GONE_UNTIL_NOTICED);
        fleet.deviceIsGone(worker, false);
      }
    }
  }

  private void misbehave(int worker, String control, Duration lasts)
      throws InterruptedException, IOException {
    models.misbehave(worker, control);
    pause(lasts);
    models.behave(worker);
  }

  private static Behaviour behaviour(Fault.StoreAnswer answer) {
    return switch (answer) {
      case UNAVAILABLE -> new Behaviour.Status(503);
      case RESETS -> new Behaviour.Reset();
      case HANGS -> new Behaviour.Hang();
    };
  }

  /** Waits, not beyond the end; says whether the end has come. */
  private boolean pause(Duration duration) throws InterruptedException {
    return end.await(Math.max(0, duration.toNanos()), TimeUnit.NANOSECONDS);
  }
}

package dev.sluice.tools.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sluice.tools.soak.Schedule.Limits;
import dev.sluice.tools.soak.Schedule.TimedFault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ScheduleTest {
  private static final Set<FaultKind> ALL = EnumSet.allOf(FaultKind.class);
  private static final int ROUNDS = 500;

  @Test
  void theSameSeedMakesTheSameSchedule() {
    Limits limits = new Limits(Duration.ofSeconds(100), 40, 4, 3, ALL);

    assertThat(Schedule.of(7, limits)).isEqualTo(Schedule.of(7, limits));
    assertThat(Schedule.of(7, limits)).isNotEqualTo(Schedule.of(8, limits));
  }

  @Test
  void aShortRunHasEveryKindOfFault() {
    for (long seed = 0; seed < ROUNDS; seed++) {
      Schedule schedule = Schedule.of(seed, new Limits(Duration.ofSeconds(100), 40, 4, 3, ALL));

      assertThat(schedule.faults().stream().map(timed -> timed.fault().kind()))
          .as("seed %d", seed)
          .containsAll(ALL);
    }
  }

  @Test
  void faultsOfOneSubjectNeverOverlapWhateverTheLimits() {
    SplittableRandom random = new SplittableRandom(20261120);
    for (int round = 0; round < ROUNDS; round++) {
      Limits limits =
          new Limits(
              Duration.ofSeconds(random.nextInt(1, 300)),
              random.nextInt(0, 120),
              random.nextInt(1, 6),
              random.nextBoolean() ? 1 : 3,
              kinds(random));
      long seed = random.nextLong();

      Schedule schedule = Schedule.of(seed, limits);

      check(schedule, limits);
    }
  }

  private static Set<FaultKind> kinds(SplittableRandom random) {
    Set<FaultKind> kinds = EnumSet.noneOf(FaultKind.class);
    while (kinds.isEmpty()) {
      for (FaultKind kind : FaultKind.values()) {
        if (random.nextBoolean()) {
          kinds.add(kind);
        }
      }
    }
    return kinds;
  }

  private static void check(Schedule schedule, Limits limits) {
    String name = "seed %d, %s".formatted(schedule.seed(), limits);
    assertThat(schedule.faults()).as(name).hasSize(limits.faults());
    assertThat(schedule.faults())
        .as(name)
        .isSortedAccordingTo(Comparator.comparing(TimedFault::at));
    Map<String, List<TimedFault>> bySubject =
        schedule.faults().stream().collect(Collectors.groupingBy(timed -> timed.fault().subject()));
    bySubject.forEach((subject, faults) -> {
      for (int i = 1; i < faults.size(); i++) {
        TimedFault before = faults.get(i - 1);
        assertThat(faults.get(i).at())
            .as("%s, %s", name, subject)
            .isGreaterThan(before.at().plus(before.fault().lasts()));
      }
    });
    for (TimedFault timed : schedule.faults()) {
      assertThat(limits.kinds()).as(name).contains(timed.fault().kind());
      assertThat(timed.fault().lasts()).as(name).isBetween(Duration.ZERO, Duration.ofSeconds(15));
      switch (timed.fault()) {
        case Fault.KillWorker(int worker, _) -> ended(name, worker, limits);
        case Fault.TerminateWorker(int worker, _) -> ended(name, worker, limits);
        case Fault.StopWorker(int worker, _) ->
            assertThat(worker).as(name).isBetween(1, limits.workers());
        case Fault.AddWorker(int worker, _) ->
            assertThat(worker).as(name).isGreaterThan(limits.workers());
        case Fault.RestartBroker(int node, _) ->
            assertThat(node).as(name).isBetween(1, limits.brokers());
        case Fault.KillBroker(int node, _) ->
            assertThat(node).as(name).isBetween(1, limits.brokers());
        case Fault.GoneDevice(int worker, _) -> ended(name, worker, limits);
        case Fault.SlowDevice _,
            Fault.DeviceOutOfMemory _,
            Fault.WedgedDevice _,
            Fault.FailingDevice _ ->
            assertThat(timed.fault().subject()).as(name).startsWith("device of worker-");
        case Fault.RegistryOutage _, Fault.SlowStore _, Fault.StoreOutage _ -> {}
      }
    }
  }

  private static void ended(String name, int worker, Limits limits) {
    assertThat(worker).as(name).isBetween(Math.min(2, limits.workers()), limits.workers());
  }

  @Test
  void faultsComeSpreadOverTheDuration() {
    Limits limits = new Limits(Duration.ofMinutes(5), 100, 4, 3, ALL);
    for (long seed = 0; seed < ROUNDS; seed++) {
      List<TimedFault> faults = new ArrayList<>(Schedule.of(seed, limits).faults());

      assertThat(faults.getLast().at())
          .as("seed %d", seed)
          .isBetween(Duration.ofSeconds(291), Duration.ofSeconds(315));
      assertThat(faults.get(49).at())
          .as("seed %d", seed)
          .isBetween(Duration.ofSeconds(140), Duration.ofSeconds(165));
    }
  }

  @Test
  void limitsThatMakeNoSenseAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Limits(Duration.ofSeconds(1), 1, 1, 1, Set.of()));
    assertThatIllegalArgumentException().isThrownBy(() -> new Limits(Duration.ZERO, 1, 1, 1, ALL));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Limits(Duration.ofSeconds(1), 1, 0, 1, ALL));
  }
}

package dev.sluice.worker.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.worker.model.Deadline;
import dev.sluice.worker.model.DeviceException;
import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.TaskException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BatcherTest {
  private static final Instant START = Instant.parse("2026-11-20T10:00:00Z");
  private static final Duration MAX_CALL = Duration.ofSeconds(30);

  private final AtomicReference<Instant> now = new AtomicReference<>(START);
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000);
  private final InstantSource clock = now::get;
  private final AtomicLong timesAsked = new AtomicLong();
  private final StepDevice device = new StepDevice();
  private final ObservedLanes lanes = new ObservedLanes();
  private final List<Batcher<String, String>> started = new ArrayList<>();

  @AfterEach
  void endLanes() throws InterruptedException {
    for (Batcher<String, String> batcher : started) {
      for (int i = 0; i < 100; i++) {
        device.answer();
      }
      assertThat(batcher.close(Duration.ofSeconds(30))).isTrue();
    }
  }

  @Test
  void anIdleLaneTakesWhatIsThereAtOnceAndABusyOneLetsTheBatchGrow() throws Exception {
    Batcher<String, String> batcher = start(new BatchPolicy(3, List.of(), Duration.ZERO), 100);

    Caller a = call(batcher, "a");
    assertThat(device.nextCall()).containsExactly("a");
    List<Caller> others = callInOrder(batcher, "b", "c", "d", "e");
    nanos.addAndGet(5_000);
    device.answer();
    assertThat(device.nextCall()).containsExactly("b", "c", "d");
    nanos.addAndGet(2_000);
    device.answer();
    assertThat(device.nextCall()).containsExactly("e");
    device.answer();

    assertThat(a.result())
        .isEqualTo(new Batched<>("a!", 1, Duration.ZERO, Duration.ofNanos(5_000)));
    assertThat(others.get(2).result())
        .isEqualTo(new Batched<>("d!", 3, Duration.ofNanos(5_000), Duration.ofNanos(2_000)));
    assertThat(others.get(3).result())
        .isEqualTo(new Batched<>("e!", 1, Duration.ofNanos(7_000), Duration.ZERO));
  }

  @Test
  void withADelayTheLaneHoldsBackUntilTheOldestIsOldEnough() throws Exception {
    Batcher<String, String> batcher =
        start(new BatchPolicy(3, List.of(), Duration.ofMillis(20)), 100);

    List<Caller> callers = callInOrder(batcher, "a", "b");
    nanos.addAndGet(Duration.ofMillis(20).toNanos() - 1);
    long asked = timesAsked.get();
    await().until(() -> timesAsked.get() > asked + 2);
    assertThat(device.wasCalledAgain()).isFalse();
    nanos.addAndGet(1);

    assertThat(device.nextCall()).containsExactly("a", "b");
    device.answer();
    assertThat(callers.get(0).result().batchSize()).isEqualTo(2);
  }

  @Test
  void withADelayAFullBatchGoesAtOnce() throws Exception {
    Batcher<String, String> batcher = start(new BatchPolicy(2, List.of(), Duration.ofHours(1)), 9);

    callInOrder(batcher, "a");
    call(batcher, "b");

    assertThat(device.nextCall()).containsExactly("a", "b");
  }

  @Test
  void onlyTheCulpritGetsTheExceptionAndItsNeighboursTheirOutputs() throws Exception {
    Batcher<String, String> batcher = start(new BatchPolicy(8, List.of(), Duration.ZERO), 100);
    call(batcher, "first");
    assertThat(device.nextCall()).containsExactly("first");
    List<Caller> callers = callInOrder(batcher, "a", "b", "poison", "d", "e");
    RuntimeException failure = new TaskException(ErrorCode.MODEL_FAILED, "cannot digest poison");
    for (int i = 0; i < 20; i++) {
      device.end(batch -> {
        if (batch.contains("poison")) {
          throw failure;
        }
        return StepDevice.shout(batch);
      });
    }

    assertThat(device.nextCall()).containsExactly("a", "b", "poison", "d", "e");
    assertThat(device.nextCall()).containsExactly("a", "b");
    assertThat(device.nextCall()).containsExactly("poison", "d", "e");
    assertThat(device.nextCall()).containsExactly("poison");
    assertThat(device.nextCall()).containsExactly("poison");
    assertThat(device.nextCall()).containsExactly("d", "e");
    assertThatThrownBy(callers.get(2)::result).isSameAs(failure);
    assertThat(callers.get(0).result().output()).isEqualTo("a!");
    assertThat(callers.get(1).result().batchSize()).isEqualTo(2);
    assertThat(callers.get(3).result().output()).isEqualTo("d!");
    assertThat(callers.get(4).result().output()).isEqualTo("e!");
  }

  @Test
  void aLoneItemWhoseCallFailsForAMomentIsTriedOnceMore() throws Exception {
    Batcher<String, String> batcher = start(new BatchPolicy(8, List.of(), Duration.ZERO), 100);
    Caller caller = call(batcher, "a");
    assertThat(device.nextCall()).containsExactly("a");
    List<Caller> others = callInOrder(batcher, "b", "c");
    fail("for a moment");

    // It stays alone: what came meanwhile must not be drawn into its trial.
    assertThat(device.nextCall()).containsExactly("a");
    device.answer();
    assertThat(device.nextCall()).containsExactly("b", "c");
    device.answer();

    assertThat(caller.result().output()).isEqualTo("a!");
    assertThat(others.getFirst().result().output()).isEqualTo("b!");
  }

  @Test
  void anItemIsolatedBySplittingIsTriedOnceMoreToo() throws Exception {
    Batcher<String, String> batcher = start(new BatchPolicy(8, List.of(), Duration.ZERO), 100);
    call(batcher, "first");
    assertThat(device.nextCall()).containsExactly("first");
    List<Caller> callers = callInOrder(batcher, "a", "b");
    device.answer();
    assertThat(device.nextCall()).containsExactly("a", "b");
    fail("the pair");
    assertThat(device.nextCall()).containsExactly("a");
    fail("a, for a moment");

    assertThat(device.nextCall()).containsExactly("a");
    device.answer();
    assertThat(device.nextCall()).containsExactly("b");
    device.answer();

    assertThat(callers.get(0).result().output()).isEqualTo("a!");
    assertThat(callers.get(1).result().output()).isEqualTo("b!");
  }

  @Test
  void aLoneItemThatFailsTwiceIsTheCulpritAndIsNotTriedAThirdTime() throws Exception {
    Batcher<String, String> batcher = start(new BatchPolicy(8, List.of(), Duration.ZERO), 100);
    Caller caller = call(batcher, "a");
    fail("the first time");
    fail("the second time");

    assertThatThrownBy(caller::result).hasMessage("the second time");
    assertThat(device.nextCall()).containsExactly("a");
    assertThat(device.nextCall()).containsExactly("a");
    Caller next = call(batcher, "b");
    assertThat(device.nextCall()).containsExactly("b");
    device.answer();
    assertThat(next.result().output()).isEqualTo("b!");
  }

  @Test
  void aLoneItemThatExpiresWhileItsCallFailsIsNotTriedAgain() throws Exception {
    Batcher<String, String> batcher = start(new BatchPolicy(8, List.of(), Duration.ZERO), 100);
    Caller late = call(batcher, "late", new Deadline.At(START.plusSeconds(3_600)));
    assertThat(device.nextCall()).containsExactly("late");
    callInOrder(batcher, "b");

    now.set(START.plusSeconds(3_601));
    fail("too late anyway");

    assertThat(device.nextCall()).containsExactly("b");
    assertThatThrownBy(late::result)
        .isInstanceOfSatisfying(
            TaskException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED));
  }

  @Test
  void aLoneItemGivenUpAsWedgedIsNotTriedAgainWhenItsCallComesBackFailing() throws Exception {
    Batcher<String, String> batcher = start(new BatchPolicy(8, List.of(), Duration.ZERO), 100);
    Caller stuck = call(batcher, "a");
    assertThat(device.nextCall()).containsExactly("a");
    passWatched(batcher, MAX_CALL.plusNanos(1));
    assertThatThrownBy(stuck::result).hasMessageContaining("max_call_duration");
    callInOrder(batcher, "b");

    fail("after all that time");

    assertThat(device.nextCall()).containsExactly("b");
  }

  @Test
  void theSecondTrialOfALoneItemHasAllTheTimeOfACall() throws Exception {
    Batcher<String, String> batcher = start(new BatchPolicy(8, List.of(), Duration.ZERO), 100);
    Caller caller = call(batcher, "a");
    assertThat(device.nextCall()).containsExactly("a");
    passWatched(batcher, MAX_CALL);
    fail("late, but in time");
    assertThat(device.nextCall()).containsExactly("a");

    passWatched(batcher, MAX_CALL);
    assertThat(lanes.heard).isEmpty();
    device.answer();

    assertThat(caller.result().output()).isEqualTo("a!");
  }

  @Test
  void aWrongNumberOfOutputsIsAnError() throws Exception {
    Batcher<String, String> batcher = start(new BatchPolicy(8, List.of(), Duration.ZERO), 100);

    Caller caller = call(batcher, "a");
    device.end(batch -> List.of("a!", "whose?"));
    device.end(batch -> List.of("a!", "whose?"));

    assertThatThrownBy(caller::result)
        .isInstanceOfSatisfying(
            TaskException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTERNAL))
        .hasMessageContaining("2 outputs for 1");
  }

  @Test
  void anErrorEndsTheLaneIsSeenByTheThreadsHandlerAndNobodyWaitsForEver() throws Exception {
    CompletableFuture<Throwable> seen = new CompletableFuture<>();
    Batcher<String, String> batcher = start(new BatchPolicy(1, List.of(), Duration.ZERO), 100);
    Caller onDevice = call(batcher, "a");
    assertThat(device.nextCall()).containsExactly("a");
    List<Caller> waiting = callInOrder(batcher, "b");
    OutOfMemoryError error = new OutOfMemoryError("of the test");
    device.end(batch -> {
      Thread.currentThread().setUncaughtExceptionHandler((thread, e) -> seen.complete(e));
      throw error;
    });

    for (Caller caller : List.of(onDevice, waiting.getFirst())) {
      assertThatThrownBy(caller::result).isInstanceOf(RejectedExecutionException.class);
    }
    assertThatThrownBy(onDevice::result).hasMessageContaining("OutOfMemoryError");
    assertThat(seen.get()).isSameAs(error);
    assertThat(lanes.heard).containsExactly("test-lane-0 died of of the test");
    assertThat(batcher.lanes())
        .containsExactly(new LaneState.Ended("java.lang.OutOfMemoryError: of the test"));
    assertThatThrownBy(() -> batcher.submit("c")).isInstanceOf(RejectedExecutionException.class);
  }

  @Test
  void aBatchThatDoesNotFitTheDeviceIsRunInSmallerOnesAndSoAreTheNextUntilItRecovers()
      throws Exception {
    Batcher<String, String> batcher = start(new BatchPolicy(8, List.of(6), Duration.ZERO), 100);
    call(batcher, "first");
    assertThat(device.nextCall()).containsExactly("first");
    List<Caller> callers = callInOrder(batcher, "a", "b", "c", "d", "e", "f");
    for (int i = 0; i < 20; i++) {
      device.end(batch -> {
        if (batch.size() > 2) {
          throw new DeviceException(DeviceException.Kind.OUT_OF_MEMORY, "no room");
        }
        return StepDevice.shout(batch);
      });
    }

    assertThat(device.nextCall()).hasSize(6);
    assertThat(device.nextCall()).containsExactly("a", "b", "c");
    assertThat(device.nextCall()).containsExactly("a");
    for (String next : List.of("b", "c", "d", "e", "f")) {
      assertThat(device.nextCall()).containsExactly(next);
    }
    for (Caller caller : callers) {
      assertThat(caller.result().batchSize()).isEqualTo(1);
    }
    assertThat(lanes.heard)
        .containsExactly(
            "test-lane-0 has no memory for 6, at most 3",
            "test-lane-0 has no memory for 3, at most 1");
    assertThat(batcher.largestBatch()).isEqualTo(1);

    nanos.addAndGet(BatchLimit.RECOVERY.toNanos());
    assertThat(batcher.largestBatch()).isEqualTo(2);
    assertThat(batcher.submit("g").output()).isEqualTo("g!");
    assertThat(device.nextCall()).containsExactly("g");
    nanos.addAndGet(2 * BatchLimit.RECOVERY.toNanos());
    assertThat(batcher.largestBatch()).isEqualTo(8);
  }

  @Test
  void anAdaptiveBatcherGrowsItsBatchesAsTheDeviceTakesThem() throws Exception {
    int items = 200;
    List<Integer> sizes = new CopyOnWriteArrayList<>();
    CountDownLatch allThere = new CountDownLatch(1);
    DeviceCall<Integer, Integer> takes20MillisecondsForUpTo8 =
        batch -> {
          try {
            allThere.await();
          } catch (InterruptedException e) {
            throw new AssertionError("nobody may interrupt a device call", e);
          }
          if (batch.size() > 8) {
            throw new DeviceException(DeviceException.Kind.OUT_OF_MEMORY, "no room");
          }
          sizes.add(batch.size());
          nanos.addAndGet(20_000_000);
          return batch;
        };
    Batcher<Integer, Integer> batcher =
        new Batcher<>(
            new BatchSettings(
                "adaptive",
                new BatchPolicy(16, List.of(), Duration.ZERO),
                new BatchSizing.Adaptive(Duration.ofMillis(100)),
                items,
                MAX_CALL),
            List.of(takes20MillisecondsForUpTo8),
            lanes,
            clock,
            nanos::get);
    List<FutureTask<Batched<Integer>>> callers = new ArrayList<>();
    for (int item = 0; item < items; item++) {
      int mine = item;
      callers.add(new FutureTask<>(() -> batcher.submit(mine)));
      Thread.startVirtualThread(callers.getLast());
    }
    await().until(() -> batcher.waiting() == items - 1);
    allThere.countDown();
    for (int item = 0; item < items; item++) {
      assertThat(callers.get(item).get(20, TimeUnit.SECONDS).output()).isEqualTo(item);
    }

    assertThat(sizes.subList(0, 11)).containsExactly(1, 1, 2, 2, 2, 4, 4, 4, 8, 8, 8);
    // One try of 16 has shown that there is no room for it, which is not for its pace to judge.
    assertThat(lanes.heard).containsExactly("adaptive-lane-0 has no memory for 16, at most 8");
    assertThat(batcher.largestBatch()).isEqualTo(8);
    assertThat(batcher.close(Duration.ofSeconds(10))).isTrue();
  }

  @Test
  void anItemThatDoesNotFitByItselfMayBeTriedAgainElsewhere() throws Exception {
    Batcher<String, String> batcher = start(new BatchPolicy(8, List.of(), Duration.ZERO), 100);
    DeviceException full = new DeviceException(DeviceException.Kind.OUT_OF_MEMORY, "no room");
    device.end(batch -> {
      throw full;
    });

    assertThatThrownBy(() -> batcher.submit("a"))
        .isInstanceOfSatisfying(TaskException.class, e -> assertThat(e.code().retryable()).isTrue())
        .hasMessageContaining("no room")
        .hasCause(full);
    device.answer();
    assertThat(batcher.submit("b").output()).isEqualTo("b!");
  }

  @Test
  void whatExpiresOrIsGivenUpWhileItsBatchFailsDoesNotGoToTheDeviceAgain() throws Exception {
    Batcher<String, String> batcher = start(new BatchPolicy(8, List.of(), Duration.ZERO), 100);
    call(batcher, "first");
    assertThat(device.nextCall()).containsExactly("first");
    callInOrder(batcher, "a");
    Deadline soon = new Deadline.At(START.plusSeconds(3_600));
    List<Caller> late = new ArrayList<>();
    for (String item : List.of("b", "c")) {
      late.add(call(batcher, item, soon));
      await().pollInSameThread().until(() -> batcher.waiting() == 1 + late.size());
    }
    Caller leaving = callInOrder(batcher, 4, "d").getFirst();
    callInOrder(batcher, 5, "e");
    device.answer();
    assertThat(device.nextCall()).containsExactly("a", "b", "c", "d", "e");

    now.set(START.plusSeconds(3_601));
    leaving.thread.interrupt();
    assertThatThrownBy(leaving::result).isInstanceOf(InterruptedException.class);
    device.end(batch -> {
      throw new TaskException(ErrorCode.MODEL_FAILED, "all of it");
    });

    assertThat(device.nextCall()).containsExactly("a");
    device.answer();
    assertThat(device.nextCall()).containsExactly("e");
    for (Caller expired : late) {
      assertThatThrownBy(expired::result).hasMessageContaining("deadline");
    }
  }

  @Test
  void findingTheCulpritsTakesFewCallsWhateverTheirPlaces() throws Exception {
    long seed = Long.getLong("sluice.seed", System.nanoTime());
    System.out.println("BatcherTest: -Dsluice.seed=" + seed);
    Random random = new Random(seed);
    int size = 32;
    int log2 = 5;
    for (int culprits : new int[] {1, 2, 3, 5, 16, 32}) {
      Set<Integer> guilty = new HashSet<>();
      while (guilty.size() < culprits) {
        guilty.add(random.nextInt(size));
      }
      AtomicInteger calls = new AtomicInteger();
      DeviceCall<Integer, Integer> counting =
          batch -> {
            calls.incrementAndGet();
            if (batch.stream().anyMatch(guilty::contains)) {
              throw new TaskException(ErrorCode.MODEL_FAILED, "guilty");
            }
            return batch;
          };
      // Held back until all are there: one batch.
      BatchPolicy whole = new BatchPolicy(size, List.of(), Duration.ofHours(1));
      Batcher<Integer, Integer> batcher =
          new Batcher<>(
              new BatchSettings("culprits", whole, new BatchSizing.Fixed(), size, MAX_CALL),
              List.of(counting),
              lanes,
              clock,
              nanos::get);
      List<FutureTask<Batched<Integer>>> callers = new ArrayList<>();
      for (int item = 0; item < size; item++) {
        int mine = item;
        callers.add(new FutureTask<>(() -> batcher.submit(mine)));
        Thread.startVirtualThread(callers.getLast());
      }
      Set<Integer> failed = new HashSet<>();
      for (int item = 0; item < size; item++) {
        try {
          assertThat(callers.get(item).get(20, TimeUnit.SECONDS).output()).isEqualTo(item);
        } catch (ExecutionException _) {
          failed.add(item);
        }
      }

      assertThat(failed).as("seed %d", seed).isEqualTo(guilty);
      assertThat(calls.get())
          .as("calls for %d of %d, seed %d", culprits, size, seed)
          .isLessThanOrEqualTo(1 + 2 * culprits * log2 + culprits);
      assertThat(batcher.close(Duration.ofSeconds(10))).isTrue();
    }
  }

  @Test
  void aDeviceThatIsGoneEndsItsLaneWithoutAJudgementAndOthersGoOn() throws Exception {
    StepDevice other = new StepDevice();
    Batcher<String, String> batcher =
        start(new BatchPolicy(2, List.of(), Duration.ZERO), 100, List.of(device, other));
    Caller first = call(batcher, "a");
    await().until(() -> device.wasCalledAgain() || other.wasCalledAgain());
    StepDevice dies = device.wasCalledAgain() ? device : other;
    StepDevice lives = dies == device ? other : device;
    Caller second = call(batcher, "b");
    assertThat(lives.nextCall()).containsExactly("b");
    List<Caller> queued = callInOrder(batcher, "c", "d");

    dies.end(batch -> {
      throw new DeviceException(DeviceException.Kind.GONE, "off the bus");
    });

    assertThatThrownBy(first::result)
        .isInstanceOf(RejectedExecutionException.class)
        .hasMessageContaining("off the bus");
    lives.answer();
    assertThat(second.result().output()).isEqualTo("b!");
    assertThat(lives.nextCall()).containsExactly("c", "d");
    lives.answer();
    assertThat(queued.getFirst().result().output()).isEqualTo("c!");
    await().until(() -> !lanes.heard.isEmpty());
    assertThat(lanes.heard).hasSize(1).first().asString().endsWith("died of off the bus");
    for (int i = 0; i < 10; i++) {
      other.answer();
    }
  }

  @Test
  void aWedgedCallIsGivenUpOnceAndWhatWaitsGoesToOtherLanes() throws Exception {
    StepDevice other = new StepDevice();
    Batcher<String, String> batcher =
        start(new BatchPolicy(4, List.of(), Duration.ZERO), 100, List.of(device, other));
    call(batcher, "first");
    await().until(() -> device.wasCalledAgain() || other.wasCalledAgain());
    StepDevice wedges = device.wasCalledAgain() ? device : other;
    StepDevice works = wedges == device ? other : device;
    assertThat(wedges.nextCall()).containsExactly("first");
    call(batcher, "second");
    assertThat(works.nextCall()).containsExactly("second");
    List<Caller> batch = callInOrder(batcher, "a", "b", "c", "d");
    // One lane takes the four, fails, and hangs in the first half; the second half waits behind it.
    wedges.answer();
    assertThat(wedges.nextCall()).containsExactly("a", "b", "c", "d");
    wedges.end(items -> {
      throw new TaskException(ErrorCode.MODEL_FAILED, "the four");
    });
    assertThat(wedges.nextCall()).containsExactly("a", "b");
    Caller queued = callInOrder(batcher, "e").getFirst();

    passWatched(batcher, MAX_CALL);
    assertThat(lanes.heard).isEmpty();
    works.answer();
    assertThat(works.nextCall()).containsExactly("e");
    works.answer();
    assertThat(queued.result().output()).isEqualTo("e!");
    await().until(() -> batcher.lanes().contains(new LaneState.Idle()));
    nanos.addAndGet(1);
    batcher.watch();
    batcher.watch();

    for (Caller stuck : batch.subList(0, 2)) {
      assertThatThrownBy(stuck::result)
          .isInstanceOfSatisfying(
              TaskException.class, e -> assertThat(e.code().retryable()).isTrue())
          .hasMessageContaining("max_call_duration");
    }
    assertThat(works.nextCall()).containsExactly("c", "d");
    works.answer();
    assertThat(batch.get(2).result().output()).isEqualTo("c!");
    assertThat(batch.get(3).result().output()).isEqualTo("d!");
    assertThat(lanes.heard).hasSize(1).first().asString().contains("is wedged with 2 after PT30.");
    assertThat(batcher.lanes()).hasAtLeastOneElementOfType(LaneState.Wedged.class);

    // It comes back after all: nobody hears of its outputs, and it works again.
    nanos.addAndGet(5);
    wedges.answer();
    await().until(() -> lanes.heard.size() == 2);
    assertThat(lanes.heard.get(1)).contains("came back after PT30.");
    await()
        .until(() -> batcher.lanes().equals(List.of(new LaneState.Idle(), new LaneState.Idle())));
    assertThat(wedges.wasCalledAgain()).isFalse();
    for (int i = 0; i < 10; i++) {
      other.answer();
    }
  }

  @Test
  void whenNoLaneComesBackThatIsSaidOnceAndCloseDoesNotWaitForThem() throws Exception {
    StepDevice other = new StepDevice();
    Batcher<String, String> batcher =
        start(new BatchPolicy(1, List.of(), Duration.ZERO), 100, List.of(device, other));
    call(batcher, "a");
    call(batcher, "b");
    assertThat(device.nextCall()).hasSize(1);
    assertThat(other.nextCall()).hasSize(1);
    Caller queued = callInOrder(batcher, "c").getFirst();

    passWatched(batcher, MAX_CALL.plusNanos(1));
    assertThat(lanes.heard).hasSize(2).allMatch(said -> said.contains("is wedged with 1"));
    passWatched(batcher, MAX_CALL.multipliedBy(4).minusNanos(1));
    assertThat(lanes.heard).hasSize(2);
    nanos.addAndGet(1);
    batcher.watch();
    batcher.watch();
    assertThat(lanes.heard).hasSize(3).last().isEqualTo("test is hopeless");
    assertThat(queued.isDone()).isFalse();

    assertThat(batcher.close(Duration.ofDays(1))).isFalse();
    assertThatThrownBy(queued::result).isInstanceOf(RejectedExecutionException.class);
    device.answer();
    other.answer();
    await().until(() -> batcher.close(Duration.ZERO));
  }

  @Test
  void aProcessThatStoodStillDoesNotTakeItsDevicesForWedged() throws Exception {
    Batcher<String, String> batcher = start(new BatchPolicy(1, List.of(), Duration.ZERO), 100);
    Caller caller = call(batcher, "a");
    assertThat(device.nextCall()).containsExactly("a");
    passWatched(batcher, MAX_CALL.minusSeconds(1));

    nanos.addAndGet(Duration.ofHours(1).toNanos());
    batcher.watch();
    assertThat(lanes.heard).isEmpty();
    assertThat(batcher.lanes()).containsExactly(new LaneState.Busy(MAX_CALL.minusSeconds(1), 1));
    passWatched(batcher, Duration.ofSeconds(1));
    assertThat(lanes.heard).isEmpty();
    passWatched(batcher, Duration.ofNanos(1));

    assertThat(lanes.heard).containsExactly("test-lane-0 is wedged with 1 after PT30.000000001S");
    assertThatThrownBy(caller::result).hasMessageContaining("max_call_duration");
    device.answer();
    await().until(() -> batcher.lanes().contains(new LaneState.Idle()));
  }

  @Test
  void aDeadlinePassesEvenWhileTheLaneIsBusyAndTheItemIsNotRun() throws Exception {
    Batcher<String, String> batcher = start(new BatchPolicy(1, List.of(), Duration.ZERO), 100);
    Deadline soon = new Deadline.At(START.plusMillis(5));
    Caller onDevice = call(batcher, "on the device", soon);
    assertThat(device.nextCall()).containsExactly("on the device");
    Caller queued = new Caller(() -> batcher.submit("queued", soon));
    queued.start();
    await().until(() -> batcher.waiting() == 1);

    now.set(START.plusMillis(5));
    assertThat(onDevice.isDone()).isFalse();
    now.set(START.plusMillis(6));

    for (Caller caller : List.of(onDevice, queued)) {
      assertThatThrownBy(caller::result)
          .isInstanceOfSatisfying(
              TaskException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED));
    }
    assertThat(batcher.waiting()).isZero();
    Caller next = call(batcher, "next");
    device.answer();
    assertThat(device.nextCall()).containsExactly("next");
    device.answer();
    assertThat(next.result().output()).isEqualTo("next!");
  }

  @Test
  void anExpiredItemIsAnsweredByTheLaneThatMeetsIt() throws Exception {
    Batcher<String, String> batcher = start(new BatchPolicy(4, List.of(), Duration.ZERO), 100);
    call(batcher, "first");
    assertThat(device.nextCall()).containsExactly("first");
    // By the real clock this caller would sleep for an hour.
    Caller late =
        new Caller(() -> batcher.submit("late", new Deadline.At(START.plusSeconds(3600))));
    late.start();
    await().until(() -> batcher.waiting() == 1);
    callInOrder(batcher, 2, "b");
    now.set(START.plusSeconds(3601));
    device.answer();

    assertThat(device.nextCall()).containsExactly("b");
    assertThatThrownBy(late::result).hasMessageContaining("deadline");
  }

  @Test
  void aDeadlineInTheFarthestFutureIsNoTrouble() throws Exception {
    Batcher<String, String> batcher = start(new BatchPolicy(4, List.of(), Duration.ZERO), 100);

    Caller caller = call(batcher, "a", new Deadline.At(Instant.MAX));
    device.answer();

    assertThat(caller.result().output()).isEqualTo("a!");
  }

  @Test
  void anInterruptedCallerIsTakenOutOfTheQueue() throws Exception {
    Batcher<String, String> batcher = start(new BatchPolicy(4, List.of(), Duration.ZERO), 100);
    Caller onDevice = call(batcher, "a");
    assertThat(device.nextCall()).containsExactly("a");
    List<Caller> callers = callInOrder(batcher, "b", "c");

    onDevice.thread.interrupt();
    callers.getFirst().thread.interrupt();
    assertThatThrownBy(onDevice::result).isInstanceOf(InterruptedException.class);
    assertThatThrownBy(callers.getFirst()::result).isInstanceOf(InterruptedException.class);
    device.answer();

    assertThat(device.nextCall()).containsExactly("c");
    device.answer();
    assertThat(callers.get(1).result().output()).isEqualTo("c!");
  }

  @Test
  void whoSubmitsToAFullQueueWaitsForRoomInTurn() throws Exception {
    Batcher<String, String> batcher = start(new BatchPolicy(1, List.of(), Duration.ZERO), 1);
    call(batcher, "a");
    assertThat(device.nextCall()).containsExactly("a");
    callInOrder(batcher, "b");
    Caller expired = new Caller(() -> batcher.submit("c", new Deadline.At(START.plusMillis(5))));
    expired.start();
    Caller waits = new Caller(() -> batcher.submit("d"));
    waits.start();
    await().until(waits::isWaiting);

    assertThat(batcher.waiting()).isEqualTo(1);
    now.set(START.plusMillis(6));
    assertThatThrownBy(expired::result).hasMessageContaining("deadline");
    device.answer();
    assertThat(device.nextCall()).containsExactly("b");
    device.answer();
    assertThat(device.nextCall()).containsExactly("d");
    device.answer();
    assertThat(waits.result().output()).isEqualTo("d!");
  }

  @Test
  void closeFinishesWhatWasSubmittedWithoutHoldingBackAndRefusesTheRest() throws Exception {
    Batcher<String, String> batcher = start(new BatchPolicy(8, List.of(), Duration.ofHours(1)), 9);
    List<Caller> callers = callInOrder(batcher, "a", "b");
    device.answer();

    assertThat(batcher.close(Duration.ofSeconds(10))).isTrue();

    assertThat(callers.get(0).result().batchSize()).isEqualTo(2);
    assertThatThrownBy(() -> batcher.submit("c")).isInstanceOf(RejectedExecutionException.class);
    assertThat(batcher.lanes()).containsExactly(new LaneState.Ended("closed"));
  }

  @Test
  void closeGivesUpAfterItsBudgetAndSaysThatALaneIsStillBusy() throws Exception {
    Batcher<String, String> batcher = start(new BatchPolicy(1, List.of(), Duration.ZERO), 1);
    Caller onDevice = call(batcher, "a");
    assertThat(device.nextCall()).containsExactly("a");
    Caller queued = callInOrder(batcher, "b").getFirst();
    Caller withoutRoom = call(batcher, "c");
    nanos.addAndGet(3_000);
    assertThat(batcher.lanes()).containsExactly(new LaneState.Busy(Duration.ofNanos(3_000), 1));

    assertThat(batcher.close(Duration.ofMillis(1))).isFalse();

    for (Caller caller : List.of(onDevice, queued, withoutRoom)) {
      assertThatThrownBy(caller::result).isInstanceOf(RejectedExecutionException.class);
    }
    device.answer();
    assertThat(batcher.close(Duration.ofSeconds(10))).isTrue();
    assertThat(device.wasCalledAgain()).isFalse();
  }

  private void fail(String why) {
    device.end(batch -> {
      throw new TaskException(ErrorCode.MODEL_FAILED, why);
    });
  }

  /** Lets time pass as it does in a process that runs: the watchdog looks all the while. */
  private void passWatched(Batcher<String, String> batcher, Duration time) {
    long left = time.toNanos();
    while (left > 0) {
      long step = Math.min(left, Duration.ofSeconds(1).toNanos());
      nanos.addAndGet(step);
      left -= step;
      batcher.watch();
    }
  }

  /** Looks often: nearly all that is waited for here takes no time. */
  private static ConditionFactory await() {
    return Awaitility.await().pollInterval(Duration.ofMillis(2));
  }

  private long askNanos() {
    timesAsked.incrementAndGet();
    return nanos.get();
  }

  private Batcher<String, String> start(BatchPolicy policy, int queueCapacity) {
    return start(policy, queueCapacity, List.of(device));
  }

  private Batcher<String, String> start(
      BatchPolicy policy, int queueCapacity, List<StepDevice> devices) {
    Batcher<String, String> batcher =
        new Batcher<>(
            new BatchSettings("test", policy, new BatchSizing.Fixed(), queueCapacity, MAX_CALL),
            devices,
            lanes,
            clock,
            this::askNanos);
    started.add(batcher);
    return batcher;
  }

  private static Caller call(Batcher<String, String> batcher, String item) {
    return call(batcher, item, new Deadline.None());
  }

  private static Caller call(Batcher<String, String> batcher, String item, Deadline deadline) {
    Caller caller = new Caller(() -> batcher.submit(item, deadline));
    caller.start();
    return caller;
  }

  private static List<Caller> callInOrder(Batcher<String, String> batcher, String... items) {
    return callInOrder(batcher, 1, items);
  }

  /** Submits while the lane is busy, each once the one before stands in the queue. */
  private static List<Caller> callInOrder(
      Batcher<String, String> batcher, int firstPlace, String... items) {
    List<Caller> callers = new ArrayList<>();
    for (String item : items) {
      callers.add(call(batcher, item));
      int place = firstPlace + callers.size() - 1;
      await().pollInSameThread().until(() -> batcher.waiting() == place);
    }
    return callers;
  }

  /** A virtual thread that waits in submit. */
  private static final class Caller {
    private final FutureTask<Batched<String>> task;
    private final Thread thread;

    Caller(Callable<Batched<String>> submit) {
      task = new FutureTask<>(submit);
      thread = Thread.ofVirtual().unstarted(task);
    }

    void start() {
      thread.start();
    }

    boolean isDone() {
      return task.isDone();
    }

    boolean isWaiting() {
      return thread.getState() == Thread.State.WAITING
          || thread.getState() == Thread.State.TIMED_WAITING;
    }

    /** What submit returned; throws what it threw. */
    Batched<String> result() throws Exception {
      try {
        return task.get(20, TimeUnit.SECONDS);
      } catch (ExecutionException e) {
        if (e.getCause() instanceof Exception cause) {
          throw cause;
        }
        throw e;
      }
    }
  }
}

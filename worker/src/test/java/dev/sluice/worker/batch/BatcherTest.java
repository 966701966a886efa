package dev.sluice.worker.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.worker.model.Deadline;
import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.TaskException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BatcherTest {
  private static final Instant START = Instant.parse("2026-11-20T10:00:00Z");

  private final AtomicReference<Instant> now = new AtomicReference<>(START);
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000);
  private final InstantSource clock = now::get;
  private final AtomicLong timesAsked = new AtomicLong();
  private final StepDevice device = new StepDevice();
  private final List<Batcher<String, String>> started = new ArrayList<>();

  @AfterEach
  void endLanes() throws InterruptedException {
    for (Batcher<String, String> batcher : started) {
      for (int i = 0; i < 100; i++) {
        device.answer();
      }
      assertThat(batcher.close(Duration.ofSeconds(10))).isTrue();
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
    assertThat(device.nextCall()).containsExactly("d", "e");
    assertThatThrownBy(callers.get(2)::result).isSameAs(failure);
    assertThat(callers.get(0).result().output()).isEqualTo("a!");
    assertThat(callers.get(1).result().batchSize()).isEqualTo(2);
    assertThat(callers.get(3).result().output()).isEqualTo("d!");
    assertThat(callers.get(4).result().output()).isEqualTo("e!");
  }

  @Test
  void aWrongNumberOfOutputsIsAnError() throws Exception {
    Batcher<String, String> batcher = start(new BatchPolicy(8, List.of(), Duration.ZERO), 100);

    Caller caller = call(batcher, "a");
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
      assertThatThrownBy(caller::result)
          .isInstanceOfSatisfying(
              TaskException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTERNAL))
          .hasMessageContaining("OutOfMemoryError");
    }
    assertThat(seen.get()).isSameAs(error);
    assertThat(batcher.lanes())
        .containsExactly(new LaneState.Ended("java.lang.OutOfMemoryError: of the test"));
    assertThatThrownBy(() -> batcher.submit("c")).isInstanceOf(RejectedExecutionException.class);
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

  private long askNanos() {
    timesAsked.incrementAndGet();
    return nanos.get();
  }

  private Batcher<String, String> start(BatchPolicy policy, int queueCapacity) {
    Batcher<String, String> batcher =
        new Batcher<>(
            new BatchSettings("test", policy, queueCapacity),
            List.of(device),
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

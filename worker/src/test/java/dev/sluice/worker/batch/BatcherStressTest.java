package dev.sluice.worker.batch;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.worker.model.Deadline;
import dev.sluice.worker.model.DeviceException;
import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.TaskException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class BatcherStressTest {
  private static final int MAX_BATCH_SIZE = 7;
  private static final int ITEMS = 3_000;

  /** How a caller's wait may end. */
  private enum End {
    OUTPUT,
    CULPRIT,
    INTERRUPTED,
    EXPIRED
  }

  @RepeatedTest(3)
  void everyCallerGetsItsOwnAnswerExactlyOnce() throws Exception {
    long seed = Long.getLong("sluice.seed", ThreadLocalRandom.current().nextLong());
    System.out.println("BatcherStressTest: -Dsluice.seed=" + seed);
    Random random = new Random(seed);
    List<Duration> delays = List.of(Duration.ZERO, Duration.ofNanos(300_000));
    BatchPolicy policy =
        new BatchPolicy(
            MAX_BATCH_SIZE,
            random.nextBoolean() ? List.of() : List.of(2, 5),
            delays.get(random.nextInt(delays.size())));
    Map<Integer, AtomicInteger> timesAnswered = new ConcurrentHashMap<>();
    List<CheckedDevice> devices = new ArrayList<>();
    for (int lane = 0; lane < 3; lane++) {
      devices.add(new CheckedDevice(new Random(random.nextLong()), timesAnswered));
    }
    Batcher<Integer, Integer> batcher =
        new Batcher<>(
            new BatchSettings(
                "stress",
                policy,
                new BatchSizing.Fixed(),
                1 + random.nextInt(50),
                Duration.ofMinutes(1)),
            devices,
            new ObservedLanes(),
            InstantSource.system(),
            System::nanoTime);

    Map<Integer, End> ends = new ConcurrentHashMap<>();
    List<Thread> callers = new ArrayList<>();
    for (int item = 0; item < ITEMS; item++) {
      int mine = item;
      Deadline deadline =
          random.nextInt(20) == 0
              ? new Deadline.At(
                  InstantSource.system().instant().plusNanos(random.nextInt(20_000_000)))
              : new Deadline.None();
      Thread caller =
          Thread.ofVirtual().start(() -> ends.put(mine, callerEnd(batcher, mine, deadline)));
      callers.add(caller);
      if (random.nextInt(30) == 0) {
        callers.get(random.nextInt(callers.size())).interrupt();
      }
      if (random.nextInt(50) == 0) {
        LockSupport.parkNanos(random.nextInt(1_000_000));
      }
    }
    for (Thread caller : callers) {
      assertThat(caller.join(Duration.ofSeconds(60))).as("caller still waits").isTrue();
    }

    assertThat(ends).hasSize(ITEMS);
    for (int item = 0; item < ITEMS; item++) {
      int answered = timesAnswered.getOrDefault(item, new AtomicInteger()).get();
      switch (requireNonNull(ends.get(item))) {
        case OUTPUT -> {
          assertThat(answered).isEqualTo(1);
          assertThat(CheckedDevice.isCulprit(item)).isFalse();
        }
        case CULPRIT -> {
          assertThat(answered).isZero();
          assertThat(CheckedDevice.isCulprit(item)).isTrue();
        }
        case INTERRUPTED, EXPIRED -> assertThat(answered).isLessThanOrEqualTo(1);
      }
    }
    assertThat(ends.values()).contains(End.OUTPUT, End.CULPRIT);
    assertThat(batcher.waiting()).isZero();
    assertThat(batcher.close(Duration.ofSeconds(10))).isTrue();
    for (CheckedDevice device : devices) {
      assertThat(device.broken.get()).as("two threads or a batch too large").isFalse();
    }
  }

  private static End callerEnd(Batcher<Integer, Integer> batcher, int item, Deadline deadline) {
    try {
      Batched<Integer> batched = batcher.submit(item, deadline);
      assertThat(batched.output()).isEqualTo(item * 2);
      assertThat(batched.batchSize()).isBetween(1, MAX_BATCH_SIZE);
      assertThat(batched.waited().isNegative() || batched.ran().isNegative()).isFalse();
      return End.OUTPUT;
    } catch (InterruptedException _) {
      return End.INTERRUPTED;
    } catch (TaskException e) {
      return e.code() == ErrorCode.DEADLINE_EXCEEDED ? End.EXPIRED : End.CULPRIT;
    }
  }

  /** Doubles its items, fails on culprits, and notices whatever a lane must never do. */
  private static final class CheckedDevice implements DeviceCall<Integer, Integer> {
    private final Random random;
    private final Map<Integer, AtomicInteger> timesAnswered;
    private final AtomicBoolean inCall = new AtomicBoolean();
    private final AtomicBoolean broken = new AtomicBoolean();

    CheckedDevice(Random random, Map<Integer, AtomicInteger> timesAnswered) {
      this.random = random;
      this.timesAnswered = timesAnswered;
    }

    static boolean isCulprit(int item) {
      return item % 53 == 0;
    }

    @Override
    public List<Integer> run(List<Integer> batch) {
      if (!inCall.compareAndSet(false, true) || batch.isEmpty() || batch.size() > MAX_BATCH_SIZE) {
        broken.set(true);
      }
      try {
        LockSupport.parkNanos(random.nextInt(200_000));
        if (batch.size() > 1 && random.nextInt(40) == 0) {
          throw new DeviceException(DeviceException.Kind.OUT_OF_MEMORY, "no room for " + batch);
        }
        if (batch.stream().anyMatch(CheckedDevice::isCulprit)) {
          throw new TaskException(ErrorCode.MODEL_FAILED, "culprit in " + batch);
        }
        for (int item : batch) {
          timesAnswered.computeIfAbsent(item, _ -> new AtomicInteger()).incrementAndGet();
        }
        return batch.stream().map(item -> item * 2).toList();
      } finally {
        inCall.set(false);
      }
    }
  }
}

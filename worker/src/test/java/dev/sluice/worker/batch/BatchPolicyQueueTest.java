package dev.sluice.worker.batch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;

/** The policy in front of lanes, over time. */
class BatchPolicyQueueTest {
  private static final long MS = 1_000_000;

  /** Under a backlog no lane ever waits, and what comes to an idle one never does. */
  @Test
  void lanesAreBusyAllTheTimeUnderBacklogAndIdleOnesTakeWhatComesAtOnce() {
    BatchPolicy policy = new BatchPolicy(32, List.of(), Duration.ZERO);
    for (int lanes = 1; lanes <= 4; lanes++) {
      List<SimulatedLanes.Ran> backlog =
          new SimulatedLanes(lanes, () -> policy, (now, size) -> 20 * MS, (size, nanos) -> {})
              .run(new long[32 * 100 * lanes]);
      assertThat(backlog).hasSize(100 * lanes);
      assertThat(backlog.getLast().endedAt()).isEqualTo(100 * 20 * MS);

      long[] oneByOne = new long[100];
      for (int i = 0; i < oneByOne.length; i++) {
        oneByOne[i] = i * 21L * MS;
      }
      List<SimulatedLanes.Ran> single =
          new SimulatedLanes(lanes, () -> policy, (now, size) -> 20 * MS, (size, nanos) -> {})
              .run(oneByOne);
      assertThat(single)
          .hasSize(100)
          .allSatisfy(ran -> assertThat(ran.submittedAt()).containsExactly(ran.startedAt()));
    }
  }

  /** Seeded arrivals against every kind of policy: what the two settings promise. */
  @Test
  void nothingWaitsLongerForAnIdleLaneThanTheDelay() {
    long seed = Long.getLong("sluice.seed", ThreadLocalRandom.current().nextLong());
    System.out.println("BatchPolicyQueueTest: -Dsluice.seed=" + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 300; round++) {
      int max = 1 + random.nextInt(16);
      long delay = random.nextInt(3) * random.nextLong(5_000);
      List<Integer> preferred = random.ints(random.nextInt(3), 1, max + 1).boxed().toList();
      BatchPolicy policy = new BatchPolicy(max, preferred, Duration.ofNanos(delay));
      long[] arrivals = new long[500];
      for (int i = 1; i < arrivals.length; i++) {
        arrivals[i] = arrivals[i - 1] + random.nextInt(1_000);
      }
      int lanes = 1 + random.nextInt(3);
      List<SimulatedLanes.Ran> ran =
          new SimulatedLanes(
                  lanes, () -> policy, (now, size) -> 500 + 100L * size, (size, nanos) -> {})
              .run(arrivals);

      List<SimulatedLanes.Ran> byStart = new ArrayList<>(ran);
      byStart.sort((one, other) -> Long.compare(one.startedAt(), other.startedAt()));
      assertThat(byStart.stream().mapToInt(SimulatedLanes.Ran::size).sum()).isEqualTo(500);
      for (SimulatedLanes.Ran batch : byStart) {
        assertThat(batch.size()).isBetween(1, max);
        long due = batch.submittedAt().getFirst() + delay;
        if (batch.startedAt() > due) {
          // It was late since no lane was idle between: at every moment all of them ran a batch.
          long busy =
              byStart.stream()
                  .filter(other -> other.startedAt() < batch.startedAt())
                  .filter(other -> other.endedAt() >= batch.startedAt())
                  .count();
          assertThat(busy).as("%s, %s, seed %d", policy, batch, seed).isEqualTo(lanes);
        }
        if (batch.startedAt() < due) {
          assertThat(batch.size())
              .as("%s before its time, %s, seed %d", batch, policy, seed)
              .isIn(preferred.isEmpty() ? List.of(max) : policy.preferredBatchSizes());
        }
      }
    }
  }
}

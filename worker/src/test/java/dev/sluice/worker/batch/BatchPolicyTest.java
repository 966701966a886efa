package dev.sluice.worker.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.worker.batch.BatchPolicy.Decision;
import dev.sluice.worker.batch.BatchPolicy.Queue;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BatchPolicyTest {
  private static final List<List<Integer>> PREFERRED =
      List.of(List.of(), List.of(4), List.of(2, 4), List.of(3, 5, 8), List.of(8), List.of(1));

  @Test
  void withoutDelayNoIdleLaneIsLeftWithoutWorkWhileAnythingWaits() {
    for (List<Integer> preferred : PREFERRED) {
      BatchPolicy policy = new BatchPolicy(8, preferred, Duration.ZERO);
      for (int queued = 1; queued <= 40; queued++) {
        for (int idle = 1; idle <= 5; idle++) {
          int left = queued;
          for (int lane = idle; lane >= 1 && left > 0; lane--) {
            int taken = flushed(policy.decide(new Queue.Waiting(left, 7), 7, lane));
            assertThat(taken).isBetween(1, Math.min(8, left));
            left -= taken;
          }
          if (preferred.isEmpty()) {
            assertThat(left)
                .as("%d queued, %d idle", queued, idle)
                .isEqualTo(Math.max(0, queued - 8 * idle));
          }
        }
      }
    }
  }

  @Test
  void withoutDelayIdleLanesShareEvenly() {
    BatchPolicy policy = new BatchPolicy(8, List.of(), Duration.ZERO);
    for (int queued = 1; queued <= 40; queued++) {
      for (int idle = 1; idle <= 5; idle++) {
        assertThat(policy.decide(new Queue.Waiting(queued, 0), 0, idle))
            .isEqualTo(new Decision.Flush(Math.min(8, (queued + idle - 1) / idle)));
      }
    }
  }

  @Test
  void waitsOnlyWhenThereIsNothingOrNobodyToTakeIt() {
    BatchPolicy policy = new BatchPolicy(4, List.of(), Duration.ZERO);

    assertThat(policy.decide(new Queue.Empty(), 0, 1)).isEqualTo(new Decision.Wait());
    assertThat(policy.decide(new Queue.Waiting(9, 0), 1_000, 0)).isEqualTo(new Decision.Wait());
  }

  /** Every policy up to a maximum of 6, every queue, every age that makes a difference. */
  @Test
  void decidesAsTritonDoes() {
    int decisions = 0;
    // Nanosecond clocks may be negative and may overflow: only differences count.
    for (long submitted : new long[] {0, -2, Long.MAX_VALUE - 1, Long.MIN_VALUE}) {
      for (int max = 1; max <= 6; max++) {
        for (int subset = 0; subset < 1 << max; subset++) {
          List<Integer> preferred = members(subset);
          for (long delay : new long[] {0, 1, 3}) {
            BatchPolicy policy = new BatchPolicy(max, preferred, Duration.ofNanos(delay));
            for (int queued = 1; queued <= 2 * max + 1; queued++) {
              for (long age = 0; age <= delay + 1; age++) {
                assertThat(policy.decide(new Queue.Waiting(queued, submitted), submitted + age, 1))
                    .as("%s, %d queued for %d", policy, queued, age)
                    .isEqualTo(triton(policy, queued, age, submitted));
                decisions++;
              }
            }
          }
        }
      }
    }
    assertThat(decisions).isGreaterThan(10_000);
  }

  @Test
  void withDelayItDoesNotMatterHowManyLanesAreIdle() {
    for (int subset = 0; subset < 1 << 6; subset++) {
      BatchPolicy policy = new BatchPolicy(6, members(subset), Duration.ofNanos(2));
      for (int queued = 1; queued <= 13; queued++) {
        for (long now = 0; now <= 3; now++) {
          Queue queue = new Queue.Waiting(queued, 0);
          assertThat(policy.decide(queue, now, 4)).isEqualTo(policy.decide(queue, now, 1));
        }
      }
    }
  }

  @Test
  void withDelayOneLaneTakesAllThatIsDue() {
    BatchPolicy policy = new BatchPolicy(8, List.of(), Duration.ofNanos(10));

    assertThat(policy.decide(new Queue.Waiting(6, 0), 10, 3)).isEqualTo(new Decision.Flush(6));
    assertThat(policy.decide(new Queue.Waiting(20, 0), 0, 3)).isEqualTo(new Decision.Flush(8));
  }

  @Test
  void takesTheLargestPreferredSizeThatIsThere() {
    BatchPolicy policy = new BatchPolicy(16, List.of(8, 4, 4), Duration.ZERO);

    assertThat(policy.preferredBatchSizes()).containsExactly(4, 8);
    assertThat(policy.decide(new Queue.Waiting(3, 0), 0, 1)).isEqualTo(new Decision.Flush(3));
    assertThat(policy.decide(new Queue.Waiting(4, 0), 0, 2)).isEqualTo(new Decision.Flush(4));
    assertThat(policy.decide(new Queue.Waiting(7, 0), 0, 1)).isEqualTo(new Decision.Flush(4));
    assertThat(policy.decide(new Queue.Waiting(30, 0), 0, 1)).isEqualTo(new Decision.Flush(8));
  }

  @Test
  void refusesSettingsThatMakeNoSense() {
    assertThatThrownBy(() -> new BatchPolicy(0, List.of(), Duration.ZERO))
        .hasMessageContaining("max_batch_size");
    assertThatThrownBy(() -> new BatchPolicy(4, List.of(5), Duration.ZERO))
        .hasMessageContaining("preferred_batch_size");
    assertThatThrownBy(() -> new BatchPolicy(4, List.of(0), Duration.ZERO))
        .hasMessageContaining("preferred_batch_size");
    assertThatThrownBy(() -> new BatchPolicy(4, List.of(), Duration.ofNanos(-1)))
        .hasMessageContaining("max_queue_delay");
  }

  /** Triton's walk along its queue, one item of one image after the other. */
  private static Decision triton(BatchPolicy policy, int queued, long age, long submitted) {
    long delay = policy.maxQueueDelay().toNanos();
    int pending = 0;
    int preferred = 0;
    while (pending < queued && pending < policy.maxBatchSize()) {
      pending++;
      if (policy.preferredBatchSizes().contains(pending)) {
        preferred = pending;
      }
    }
    boolean delayExceeded = delay > 0 && age >= delay;
    if (preferred > 0 && !delayExceeded) {
      return new Decision.Flush(preferred);
    }
    if (pending == policy.maxBatchSize() || delayExceeded || delay == 0) {
      return new Decision.Flush(pending);
    }
    return new Decision.WaitUntil(submitted + delay);
  }

  private static List<Integer> members(int subset) {
    return IntStream.rangeClosed(1, Integer.SIZE - 1)
        .filter(size -> (subset >> (size - 1) & 1) == 1)
        .boxed()
        .toList();
  }

  private static int flushed(Decision decision) {
    assertThat(decision).isInstanceOf(Decision.Flush.class);
    return ((Decision.Flush) decision).size();
  }
}

package dev.sluice.worker.batch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class BatchLimitTest {
  private static final long PERIOD = BatchLimit.RECOVERY.toNanos();

  /** A clock may begin anywhere, even where it soon overflows. */
  private static final long START = Long.MAX_VALUE - PERIOD;

  @Test
  void aBatchThatDoesNotFitHalvesIt() {
    BatchLimit limit = BatchLimit.none(32).outOfMemory(20, START);

    assertThat(limit.now()).isEqualTo(10);
    assertThat(limit.outOfMemory(10, START).now()).isEqualTo(5);
    assertThat(limit.outOfMemory(1, START).now()).isEqualTo(1);
  }

  @Test
  void aBatchOfAnotherLaneThatWasUnderWayDoesNotHalveItAgain() {
    assertThat(BatchLimit.none(32).outOfMemory(32, START).outOfMemory(32, START + 1).now())
        .isEqualTo(16);
  }

  @Test
  void eachPeriodWithoutTroubleDoublesItUpToTheMost() {
    BatchLimit limit = BatchLimit.none(20).outOfMemory(8, START).outOfMemory(4, START + 5);

    assertThat(limit.at(START + 4 + PERIOD).now()).isEqualTo(2);
    assertThat(limit.at(START + 5 + PERIOD).now()).isEqualTo(4);
    assertThat(limit.at(START + 5 + PERIOD).at(START + 4 + 2 * PERIOD).now()).isEqualTo(4);
    assertThat(limit.at(START + 5 + PERIOD).at(START + 5 + 2 * PERIOD).now()).isEqualTo(8);
    assertThat(limit.at(START + 5 + 3 * PERIOD).now()).isEqualTo(16);
    assertThat(limit.at(START + 5 + 4 * PERIOD).now()).isEqualTo(20);
    assertThat(limit.at(START + 5 + 100 * PERIOD).now()).isEqualTo(20);
  }

  @Test
  void whoeverAsksHowOftenGetsTheSame() {
    long seed = Long.getLong("sluice.seed", System.nanoTime());
    System.out.println("BatchLimitTest: -Dsluice.seed=" + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 1_000; round++) {
      int most = 1 + random.nextInt(64);
      BatchLimit once = BatchLimit.none(most).outOfMemory(1 + random.nextInt(most), START);
      BatchLimit often = once;
      long now = START;
      for (int asked = 0; asked < 20; asked++) {
        now += random.nextLong(PERIOD);
        often = often.at(now);
      }
      assertThat(often.now()).as("seed %d round %d", seed, round).isEqualTo(once.at(now).now());
      assertThat(often.now()).isBetween(1, most);
    }
  }
}

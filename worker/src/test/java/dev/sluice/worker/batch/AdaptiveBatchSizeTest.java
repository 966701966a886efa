package dev.sluice.worker.batch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;

/** The device is a formula, and time is the sum of its calls. */
class AdaptiveBatchSizeTest {
  private static final long MS = 1_000_000;
  private static final Duration OBJECTIVE = Duration.ofMillis(100);
  private static final int MOST = 64;

  private interface Cost {
    double milliseconds(int size);
  }

  @Test
  void growsAsFarAsTwoCallsAreWithinTheObjective() {
    AdaptiveBatchSize size = adaptive();
    Cost cost = images -> 20 + images;

    run(size, cost, 200);

    // 2 * (20 + 30) = 100; of the sizes that it tries, 27 is the largest up to 30.
    assertThat(settled(size, cost)).isEqualTo(27);
  }

  @Test
  void takesTheSmallestSizeThatDoesAsMuch() {
    AdaptiveBatchSize gainsNothing = adaptive();
    Cost proportional = images -> 2 * images;
    run(gainsNothing, proportional, 200);
    assertThat(settled(gainsNothing, proportional)).isEqualTo(1);

    AdaptiveBatchSize inSteps = adaptive();
    Cost upTo32 = images -> 20 * Math.ceilDiv(images, 32);
    run(inSteps, upTo32, 200);
    assertThat(settled(inSteps, upTo32)).isEqualTo(32);
  }

  @Test
  void staysBelowTheKneeFromWhichOnTheDeviceDoesLess() {
    AdaptiveBatchSize size = adaptive();
    Cost cost = images -> 10 + 0.5 * images + 3 * Math.max(0, images - 16);

    run(size, cost, 200);

    assertThat(settled(size, cost)).isEqualTo(16);
  }

  @Test
  void goesToTheMaximumWhenNothingSpeaksAgainstIt() {
    AdaptiveBatchSize size = AdaptiveBatchSize.within(OBJECTIVE, 50, List.of());
    Cost cost = images -> 20;

    run(size, cost, 100);

    assertThat(settled(size, cost)).isEqualTo(50);
  }

  @Test
  void followsADeviceThatBecomesSlowerWithinAFewBatches() {
    AdaptiveBatchSize size = adaptive();
    Cost before = images -> 10 + 0.5 * images;
    Cost after = images -> 20 + images;
    run(size, before, 2_000);
    assertThat(settled(size, before)).isEqualTo(64);

    // Five calls for the median to turn, then straight to where two calls fit: 64 * 50 / 84 = 38.
    run(size, after, 7);
    assertThat(size.size()).isEqualTo(38);
    run(size, after, 20);
    assertThat(settled(size, after)).isEqualTo(27);
  }

  @Test
  void followsADeviceThatBecomesFaster() {
    AdaptiveBatchSize size = adaptive();
    Cost before = images -> 20 + images;
    Cost after = images -> 10 + 0.5 * images;
    run(size, before, 2_000);
    assertThat(settled(size, before)).isEqualTo(27);

    run(size, after, 60);

    assertThat(settled(size, after)).isEqualTo(64);
  }

  @Test
  void isNeverBelowOneAndComesBackFromThere() {
    AdaptiveBatchSize size = adaptive();
    Cost hopeless = images -> 500;
    run(size, hopeless, 100);
    assertThat(settled(size, hopeless)).isEqualTo(1);

    Cost well = images -> 20;
    run(size, well, 400);

    assertThat(settled(size, well)).isEqualTo(64);
  }

  @Test
  void oneSlowCallChangesNothing() {
    AdaptiveBatchSize size = adaptive();
    Cost cost = images -> 20 + images;
    run(size, cost, 200);
    int before = settled(size, cost);

    size.ran(before, 5_000 * MS);

    assertThat(settled(size, cost)).isEqualTo(before);
  }

  @Test
  void batchesThatAreNotFullSayNothing() {
    AdaptiveBatchSize size = adaptive();
    run(size, images -> 20, 200);
    int before = size.size();

    for (int batch = 0; batch < 1_000; batch++) {
      size.ran(before - 1, 5_000 * MS);
    }

    assertThat(size.size()).isEqualTo(before);
  }

  @Test
  void triesOnlyWhatIsPreferred() {
    AdaptiveBatchSize size = AdaptiveBatchSize.within(OBJECTIVE, MOST, List.of(8, 16, 32));
    Set<Integer> tried = new HashSet<>();

    for (int batch = 0; batch < 3_000; batch++) {
      tried.add(size.size());
      size.ran(size.size(), (20 + size.size() / 2) * MS);
    }

    assertThat(tried).contains(1, 8, 16, 32).isSubsetOf(1, 2, 3, 4, 5, 6, 7, 8, 16, 32);
    assertThat(size.size()).isIn(16, 32);
  }

  @Test
  void aFixedSizeStaysWhateverItTakes() {
    AdaptiveBatchSize size = AdaptiveBatchSize.fixed(32);

    run(size, images -> 10_000, 100);

    assertThat(size.size()).isEqualTo(32);
  }

  /**
   * Whatever the device does: from 1 to the maximum, and close to the best size when it is calm.
   */
  @Test
  void noiseCostsLittle() {
    long seed = Long.getLong("sluice.seed", ThreadLocalRandom.current().nextLong());
    System.out.println("AdaptiveBatchSizeTest: -Dsluice.seed=" + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 50; round++) {
      double batch = random.nextDouble(1, 30);
      double image = random.nextDouble(0.1, 3);
      AdaptiveBatchSize size = adaptive();
      double images = 0;
      double milliseconds = 0;
      for (int call = 0; call < 4_000; call++) {
        int now = size.size();
        assertThat(now).isBetween(1, MOST);
        double slow = random.nextInt(200) == 0 ? 3 : 1;
        double took = (batch + image * now) * slow * Math.max(0.5, 1 + random.nextGaussian() / 20);
        size.ran(now, (long) (took * MS));
        images += now;
        milliseconds += took;
      }

      double most = Math.min(MOST, Math.max(1, (50 - batch) / image));
      double atBest = most / (batch + image * most);
      assertThat(images / milliseconds / atBest)
          .as("%.1f + %.2f n, seed %d", batch, image, seed)
          .isGreaterThan(0.8);
    }
  }

  private static AdaptiveBatchSize adaptive() {
    return AdaptiveBatchSize.within(OBJECTIVE, MOST, List.of());
  }

  /** Full batches, one after the other. */
  private static void run(AdaptiveBatchSize size, Cost cost, int calls) {
    for (int call = 0; call < calls; call++) {
      size.ran(size.size(), (long) (cost.milliseconds(size.size()) * MS));
    }
  }

  /** The size that it uses most from now on: it always tries another now and then. */
  private static int settled(AdaptiveBatchSize size, Cost cost) {
    int[] used = new int[MOST + 1];
    for (int call = 0; call < 101; call++) {
      used[size.size()]++;
      run(size, cost, 1);
    }
    int most = 0;
    for (int each = 1; each <= MOST; each++) {
      most = used[each] > used[most] ? each : most;
    }
    return most;
  }
}

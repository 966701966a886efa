package dev.sluice.tools.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WarmUpTest {
  private static final Duration STEP = Duration.ofSeconds(60);

  private final List<String> told = new ArrayList<>();

  /** Spent up to now; each step adds to it. */
  private WarmUp.Spent spent = new WarmUp.Spent(100, 50);

  @Test
  void endsWhenCompilersHaveComeToRest() throws InterruptedException {
    assertThat(steps(20, 3.1, 3, 0)).isEqualTo(3);
    assertThat(told)
        .containsExactly(
            "warming up, 1 of at most 5: compilers took 20.0 % of the processor time, so once more",
            "warming up, 2 of at most 5: compilers took 3.1 % of the processor time, so once more",
            "warming up, 3 of at most 5: compilers took 3.0 % of the processor time");
  }

  @Test
  void endsWhereTheyDoNotComeToRest() throws InterruptedException {
    assertThat(steps(20, 20, 20, 20, 20, 20, 20)).isEqualTo(WarmUp.MOST_STEPS);
  }

  @Test
  void aStepInWhichNothingIsSpentIsEnough() throws InterruptedException {
    WarmUp warmUp = new WarmUp(STEP, () -> spent, told::add);
    Duration worked = warmUp.run(duration -> duration);
    assertThat(worked).isEqualTo(STEP);
    assertThat(told).hasSize(1);
  }

  @Test
  void aProcessThatEndsMeanwhileTakesItsTimeWithIt() throws InterruptedException {
    assertThat(steps(-10, 20)).isEqualTo(1);
  }

  /**
   * How many steps are worked, of 100 s of processor time each.
   *
   * @param percents of the compilers in each step
   */
  private int steps(double... percents) throws InterruptedException {
    WarmUp warmUp = new WarmUp(STEP, () -> spent, told::add);
    List<Duration> worked = new ArrayList<>();
    return warmUp.run(duration -> {
      spent = new WarmUp.Spent(spent.all() + 100, spent.compilers() + percents[worked.size()]);
      worked.add(duration);
      return worked.size();
    });
  }
}

package dev.sluice.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PaceTest {
  private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 1_500_000_000L);

  @Test
  void sendsAreSpacedEvenlyEvenWhenTheClockWrapsAround() {
    Pace pace = new Pace(4, clock::get);
    long start = clock.get();
    for (int i = 0; i < 20; i++) {
      clock.addAndGet(pace.reserve());
      assertThat(clock.get() - start).isEqualTo(i * 250_000_000L);
    }
  }

  @Test
  void lostTimeIsNotMadeUpByABurst() {
    Pace pace = new Pace(10, clock::get);
    assertThat(pace.reserve()).isZero();
    clock.addAndGet(5_000_000_000L);
    assertThat(pace.reserve()).isZero();
    assertThat(pace.reserve()).isEqualTo(100_000_000L);
  }

  @Test
  void withoutALimitNobodyWaits() {
    Pace pace = new Pace(Double.POSITIVE_INFINITY, clock::get);
    assertThat(pace.reserve()).isZero();
    assertThat(pace.reserve()).isZero();
  }

  @Test
  void ratesAreReadWithTheirUnits() {
    assertThat(Pace.perSecond("50/s")).isEqualTo(50);
    assertThat(Pace.perSecond("0.5")).isEqualTo(0.5);
    assertThat(Pace.perSecond("90/m")).isEqualTo(1.5);
    assertThat(Pace.perSecond("3600/h")).isEqualTo(1);
    assertThat(Pace.perSecond("")).isInfinite();
    for (String wrong : new String[] {"0/s", "-1", "fast", "1/d", "1e9"}) {
      assertThatThrownBy(() -> Pace.perSecond(wrong))
          .as(wrong)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}

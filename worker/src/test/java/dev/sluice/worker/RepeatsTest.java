package dev.sluice.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RepeatsTest {
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
  private final Repeats repeats = new Repeats(Duration.ofSeconds(10), nanos::get);

  @Test
  void tellsTheFirstAndThenOnceInAWhileHowMany() {
    assertThat(repeats.happened("a")).hasValue(0);
    assertThat(repeats.happened("b")).hasValue(0);
    for (int i = 0; i < 7; i++) {
      assertThat(repeats.happened("a")).isEmpty();
    }
    nanos.addAndGet(Duration.ofSeconds(10).toNanos());
    assertThat(repeats.happened("a")).hasValue(7);
    assertThat(repeats.happened("a")).isEmpty();
    assertThat(repeats.happened("b")).hasValue(0);
    nanos.addAndGet(Duration.ofSeconds(20).toNanos());
    assertThat(repeats.happened("a")).hasValue(1);
  }
}

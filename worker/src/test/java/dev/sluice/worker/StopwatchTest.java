package dev.sluice.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.worker.model.Timings;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

class StopwatchTest {
  private static final Instant SUBMITTED = Instant.parse("2026-01-01T00:00:00Z");

  private final InstantSource clock = InstantSource.fixed(SUBMITTED.plusMillis(40));
  private long nanos = 7;

  @Test
  void everyStageHasItsShare() {
    Stopwatch stopwatch = new Stopwatch(SUBMITTED, clock, () -> nanos);
    pass(1);
    stopwatch.fetching();
    pass(10);
    stopwatch.decoding();
    pass(5);
    stopwatch.batching();
    pass(30);
    stopwatch.answered(Duration.ofMillis(12), Duration.ofMillis(18));
    pass(2);
    assertThat(stopwatch.timings()).isEqualTo(new Timings(40, 10, 5, 12, 18, 88));
  }

  @Test
  void aStageThatIsNotLeftCountsUntilNow() {
    Stopwatch stopwatch = new Stopwatch(SUBMITTED, clock, () -> nanos);
    stopwatch.fetching();
    pass(10);
    assertThat(stopwatch.timings()).isEqualTo(new Timings(40, 10, 0, 0, 0, 50));
  }

  @Test
  void aProducersClockThatIsAheadDoesNotMakeTimeNegative() {
    Stopwatch stopwatch = new Stopwatch(SUBMITTED.plusSeconds(60), clock, () -> nanos);
    pass(3);
    assertThat(stopwatch.timings()).isEqualTo(new Timings(0, 0, 0, 0, 0, 3));
  }

  private void pass(int millis) {
    nanos += millis * 1_000_000L;
  }
}

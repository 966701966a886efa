package dev.sluice.tools.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.LinkedHashMap;
import java.util.List;
import org.junit.jupiter.api.Test;

class RowTest {
  @Test
  void aRatioIsTakenRoundByRoundAndItsMedianJudged() {
    Row row =
        Row.ratio(
            "throughput",
            "small images",
            "images/s",
            Samples.of(80, 300, 90),
            Samples.of(100, 300, 100),
            "bare loop",
            new Target.AtLeast(0.85),
            new LinkedHashMap<>());

    assertThat(row.value().rounds()).containsExactly(0.8, 1.0, 0.9);
    assertThat(row.reached()).isTrue();
    assertThat(row.cells())
        .containsExactly(
            "throughput",
            "small images",
            "90.0",
            "100 (bare loop)",
            "images/s",
            "0.90",
            "0.80 to 1.00",
            ">= 0.85",
            "reached");
  }

  @Test
  void aDifferenceHasTheUnitOfItsSides() {
    Row row =
        Row.difference(
            "latency",
            "one at a time",
            "ms",
            Samples.of(12, 9.5),
            Samples.of(4, 4),
            "bare",
            new Target.AtMost(5),
            new LinkedHashMap<>());

    assertThat(row.value().median()).isEqualTo(6.75);
    assertThat(row.reached()).isFalse();
    assertThat(row.cells()).contains("6.75 ms", "5.50 to 8.00", "<= 5", "missed");
  }

  @Test
  void sidesOfDifferentRoundsAreNotCompared() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Samples.of(1, 2).with(Samples.of(1), Double::sum))
        .withMessageContaining("2 rounds");
    assertThatIllegalArgumentException().isThrownBy(() -> new Samples(List.of()));
  }
}

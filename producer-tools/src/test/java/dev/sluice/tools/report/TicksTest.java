package dev.sluice.tools.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TicksTest {
  @ParameterizedTest
  @CsvSource({"0, 1", "1, 1", "6, 6", "7, 8", "0.83, 1", "99, 100", "101, 120", "4321, 5000"})
  void anAxisEndsAtARoundNumberNotBelowTheGreatestValue(double greatest, double end) {
    assertThat(Ticks.upTo(greatest).end()).isEqualTo(end);
    assertThat(Ticks.upTo(greatest).marks()).hasSizeBetween(2, 7);
  }
}

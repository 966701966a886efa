package dev.sluice.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MomentsTest {
  private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");

  @ParameterizedTest
  @CsvSource({
    "2h, 2026-11-20T10:00:00Z",
    "7d, 2026-11-13T12:00:00Z",
    "PT1H30M, 2026-11-20T10:30:00Z",
    "2026-11-19T01:02:03Z, 2026-11-19T01:02:03Z",
    "2026-11-19T01:02:03.004Z, 2026-11-19T01:02:03.004Z",
    "2026-11-20T13:00+01:00, 2026-11-20T12:00:00Z",
    "2026-11-20, 2026-11-20T00:00:00Z",
  })
  void areReadAsPeopleTypeThem(String text, Instant moment) {
    assertThat(Moments.parse(text, NOW)).isEqualTo(moment);
  }

  @Test
  void everythingElseIsRefusedInWords() {
    for (String wrong :
        new String[] {
          "", "yesterday", "10", "2026-13-01", "2026-11-20T12:00:00", "T", "999999999999d", "-2h"
        }) {
      assertThatThrownBy(() -> Moments.parse(wrong, NOW))
          .as(wrong)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("'" + wrong + "' is neither");
    }
  }
}

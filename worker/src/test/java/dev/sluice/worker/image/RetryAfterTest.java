package dev.sluice.worker.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryAfterTest {
  private static final Instant NOW = Instant.parse("2026-11-20T10:00:00Z");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "120                              | PT2M",
        "' 7 '                            | PT7S",
        "0                                | PT0S",
        "Fri, 20 Nov 2026 10:01:30 GMT    | PT1M30S",
        "Friday, 20-Nov-26 10:01:30 GMT   | PT1M30S",
        "Fri, 20 Nov 2026 09:00:00 GMT    | PT0S",
        "86400                            | PT24H",
        "86401                            | PT24H",
        "999999999                        | PT24H",
        "9999999999                       | PT24H",
        "99999999999999999999999999999999 | PT24H",
        "Fri, 31 Dec 9999 23:59:59 GMT    | PT24H",
        "-5                               | PT0S",
        "+5                               | PT0S",
        "1.5                              | PT0S",
        "1e3                              | PT0S",
        "0x10                             | PT0S",
        "١٢                               | PT0S",
        "soon                             | PT0S",
        "''                               | PT0S",
        "Fri, 32 Nov 2026 10:00:00 GMT    | PT0S",
      })
  void readsSecondsAndDatesAndNothingElse(String value, Duration expected) {
    assertThat(RetryAfter.parse(value, NOW)).isEqualTo(expected);
  }
}

package dev.sluice.tools;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;

/**
 * Points in time as people type them: this long ago ({@code 10m}, {@code 2h}), an instant ({@code
 * 2026-11-20T12:00:00Z}, {@code 2026-11-20T13:00+01:00}) or the beginning of a day in UTC ({@code
 * 2026-11-20}). Pure.
 */
public final class Moments {
  private Moments() {}

  /**
   * Reads what an option says.
   *
   * @param now what durations count back from
   * @throws IllegalArgumentException if {@code text} is no point in time; the message says what is
   */
  public static Instant parse(String text, Instant now) {
    try {
      return text.indexOf('T') > 0 && Character.isDigit(text.charAt(0))
          ? OffsetDateTime.parse(text).toInstant()
          : text.matches("\\d{4}-\\d{2}-\\d{2}")
              ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
              : now.minus(Durations.parse(text));
    } catch (IllegalArgumentException | ArithmeticException | DateTimeException e) {
      throw new IllegalArgumentException(
          "'"
              + text
              + "' is neither a duration like 10m nor an instant like 2026-11-20T12:00:00Z nor a"
              + " day like 2026-11-20",
          e);
    }
  }
}

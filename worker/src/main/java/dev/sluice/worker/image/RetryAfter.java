package dev.sluice.worker.image;

import java.time.Duration;
import java.time.Instant;
import org.apache.hc.client5.http.utils.DateUtils;

/** Reads the header Retry-After (RFC 9110, section 10.2.3): seconds, or a date. Pure. */
final class RetryAfter {
  static final String HEADER = "Retry-After";

  /** Nobody waits longer on an origin's word alone. */
  static final Duration LONGEST = Duration.ofDays(1);

  /** Digits of the longest number of seconds that is looked at; more are as good as for ever. */
  private static final int MOST_DIGITS = 9;

  private RetryAfter() {}

  /**
   * How long the origin wants to be left alone.
   *
   * @param value as it was sent, by whomever
   * @param now from which a date is counted
   * @return zero when it makes no sense or is past, never more than {@link #LONGEST}
   */
  static Duration parse(String value, Instant now) {
    String text = value.strip();
    if (text.isEmpty()) {
      return Duration.ZERO;
    }
    if (text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return text.length() > MOST_DIGITS
          ? LONGEST
          : bounded(Duration.ofSeconds(Long.parseLong(text)));
    }
    Instant date = DateUtils.parseStandardDate(text);
    return date == null ? Duration.ZERO : bounded(Duration.between(now, date));
  }

  private static Duration bounded(Duration duration) {
    if (duration.isNegative()) {
      return Duration.ZERO;
    }
    return duration.compareTo(LONGEST) > 0 ? LONGEST : duration;
  }
}

package dev.sluice.tools.dlt;

/**
 * A stretch of time, in milliseconds since 1970.
 *
 * @param since the first millisecond of it
 * @param until the first millisecond after it
 */
record TimeWindow(long since, long until) {

  /** All of time. */
  static final TimeWindow ALWAYS = new TimeWindow(Long.MIN_VALUE, Long.MAX_VALUE);

  boolean contains(long millis) {
    return millis >= since && (millis < until || until == Long.MAX_VALUE);
  }
}

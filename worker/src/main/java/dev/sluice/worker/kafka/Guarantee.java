package dev.sluice.worker.kafka;

/** What a reader of the results may rely on. */
public enum Guarantee {
  /** A result may be stored twice after a crash or a rebalance, and is never left out. */
  AT_LEAST_ONCE,
  /**
   * A reader with {@code isolation.level=read_committed} sees each result once: results, retries,
   * dead letters and the offsets of what they answer are stored in transactions.
   */
  EXACTLY_ONCE
}

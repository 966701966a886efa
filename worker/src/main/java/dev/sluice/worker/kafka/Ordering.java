package dev.sluice.worker.kafka;

/** In which order results appear. */
public sealed interface Ordering {
  /** As they are finished. */
  record None() implements Ordering {}

  /**
   * Those of one key in the order of its requests; requests without a key in any.
   *
   * @param mostPerKey how many requests of one key may be in flight, positive; the next keeps its
   *     partition waiting
   */
  record ByKey(int mostPerKey) implements Ordering {
    public ByKey {
      if (mostPerKey < 1) {
        throw new IllegalArgumentException("mostPerKey is not positive: " + mostPerKey);
      }
    }
  }
}

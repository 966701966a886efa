package dev.sluice.tools.soak;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * What the first worker had resident over the run, which no fault ends: the medians of the run's
 * thirds, in bytes; zeros when there are too few samples to say. Its heap is touched as a whole
 * when it starts (see {@link Fleet}), so that what grows here is not the heap being used for the
 * first time. Immutable.
 */
record ResidentMemory(long firstThird, long middleThird, long lastThird) {
  private static final int FIRST_WORKER = 1;

  /**
   * What one worker had resident at one time.
   *
   * @param at since the begin of the run
   */
  record Sample(Duration at, int worker, long bytes) {}

  static ResidentMemory of(List<Sample> samples) {
    long[] bytes = ofFirstWorker(samples).stream().mapToLong(Sample::bytes).toArray();
    if (bytes.length < 3) {
      return new ResidentMemory(0, 0, 0);
    }
    int third = bytes.length / 3;
    return new ResidentMemory(
        median(Arrays.copyOfRange(bytes, 0, third)),
        median(Arrays.copyOfRange(bytes, third, bytes.length - third)),
        median(Arrays.copyOfRange(bytes, bytes.length - third, bytes.length)));
  }

  /** Whether the run was long enough to say. */
  boolean isKnown() {
    return lastThird > 0;
  }

  /** The three in the order of time; none when they are not known. */
  List<Long> thirds() {
    return isKnown() ? List.of(firstThird, middleThird, lastThird) : List.of();
  }

  /** The first worker's among them. */
  static List<Sample> ofFirstWorker(List<Sample> samples) {
    return samples.stream().filter(sample -> sample.worker() == FIRST_WORKER).toList();
  }

  private static long median(long[] values) {
    Arrays.sort(values);
    return values[values.length / 2];
  }
}

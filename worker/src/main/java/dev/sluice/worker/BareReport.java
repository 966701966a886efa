package dev.sluice.worker;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.LongStream;

/**
 * What {@link BareLoop} prints. Times of stages are means of one image on one thread.
 *
 * @param imagesPerSecond of all threads together
 * @param seconds that the measurement took
 * @param turn from the beginning of a batch to its end
 * @param cpuSecondsPerThousandImages of the whole process
 * @param allocatedBytesPerImage on the Java heap, by the loop's own threads
 */
record BareReport(
    double imagesPerSecond,
    long images,
    double seconds,
    int threads,
    int batch,
    double fetchMillis,
    double decodeMillis,
    double inferenceMillis,
    Percentiles turn,
    double cpuSecondsPerThousandImages,
    double allocatedBytesPerImage,
    long collections,
    long collectionMillis) {
  private static final double NANOS_PER_MILLI = 1e6;
  private static final double NANOS_PER_SECOND = 1e9;

  /** In milliseconds. */
  record Percentiles(double p50, double p90, double p99, double max) {
    static Percentiles of(long[] nanos) {
      long[] sorted = nanos.clone();
      Arrays.sort(sorted);
      return new Percentiles(at(sorted, 0.5), at(sorted, 0.9), at(sorted, 0.99), at(sorted, 1));
    }

    /** The least value that so many are not above. */
    private static double at(long[] sorted, double share) {
      if (sorted.length == 0) {
        return 0;
      }
      int rank = (int) Math.ceil(share * sorted.length);
      return sorted[Math.max(0, rank - 1)] / NANOS_PER_MILLI;
    }
  }

  /** What the whole process has spent so far. */
  record Spent(long cpuNanos, long collections, long collectionMillis) {
    static Spent now() {
      List<GarbageCollectorMXBean> collectors = ManagementFactory.getGarbageCollectorMXBeans();
      return new Spent(
          ManagementFactory.getOperatingSystemMXBean()
                  instanceof com.sun.management.OperatingSystemMXBean system
              ? system.getProcessCpuTime()
              : 0,
          collectors.stream().mapToLong(GarbageCollectorMXBean::getCollectionCount).sum(),
          collectors.stream().mapToLong(GarbageCollectorMXBean::getCollectionTime).sum());
    }
  }

  static BareReport of(List<BareThread.Tally> tallies, int batch, Spent before, Spent after) {
    long turns = tallies.stream().mapToLong(tally -> tally.turns().length).sum();
    long images = turns * batch;
    double perMillis = NANOS_PER_MILLI * Math.max(1, images);
    return new BareReport(
        tallies.stream()
            .mapToDouble(
                tally -> NANOS_PER_SECOND * tally.turns().length * batch / tally.elapsedNanos())
            .sum(),
        images,
        tallies.stream().mapToLong(BareThread.Tally::elapsedNanos).max().orElse(0)
            / NANOS_PER_SECOND,
        tallies.size(),
        batch,
        sum(tallies, BareThread.Tally::fetchNanos) / perMillis,
        sum(tallies, BareThread.Tally::decodeNanos) / perMillis,
        sum(tallies, BareThread.Tally::inferenceNanos) / perMillis,
        Percentiles.of(
            tallies.stream().flatMapToLong(tally -> LongStream.of(tally.turns())).toArray()),
        (after.cpuNanos() - before.cpuNanos()) / NANOS_PER_SECOND * 1000 / Math.max(1, images),
        (double) sum(tallies, BareThread.Tally::allocatedBytes) / Math.max(1, images),
        after.collections() - before.collections(),
        after.collectionMillis() - before.collectionMillis());
  }

  private static long sum(List<BareThread.Tally> tallies, ToLongFunction<BareThread.Tally> value) {
    return tallies.stream().mapToLong(value).sum();
  }
}

package dev.sluice.worker.batch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntSupplier;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

/**
 * Fixed batch sizes against the adaptive one, for devices of several kinds; prints the table of
 * docs/performance.md. Simulated time, so the figures are the same everywhere.
 */
class FixedAndAdaptiveTest {
  private static final long MS = 1_000_000;
  private static final long SECONDS = 1_000 * MS;
  private static final long OBJECTIVE = 100 * MS;
  private static final int MOST = 64;
  private static final long LENGTH = 120 * SECONDS;

  /** When devices that change do so. */
  private static final long CHANGE = 60 * SECONDS;

  private static final int[] FIXED = {1, 8, 32, 64};

  private record Device(String name, SimulatedLanes.Cost cost) {}

  private static final List<Device> DEVICES =
      List.of(
          new Device("20 ms + 1 ms an image", (now, size) -> 20 * MS + size * MS),
          new Device("20 ms up to 32 images", (now, size) -> 20 * MS * Math.ceilDiv(size, 32)),
          new Device("10 ms an image, nothing gained", (now, size) -> 10 * MS * size),
          new Device(
              "10 ms + 0.5 ms, 3.5 ms beyond 16",
              (now, size) -> 10 * MS + size * MS / 2 + 3 * MS * Math.max(0, size - 16)),
          new Device(
              "10 ms + 0.5 ms, doubles at 60 s",
              (now, size) -> (now < CHANGE ? 1 : 2) * (10 * MS + size * MS / 2)),
          new Device(
              "20 ms + 1 ms, halves at 60 s",
              (now, size) -> (now < CHANGE ? 2 : 1) * (10 * MS + size * MS / 2)));

  /**
   * What came of one size on one device.
   *
   * @param before images a second in the first minute of a backlog that never ends
   * @param after and in the second
   * @param twoCalls 99 of 100 images that are in the next batch take no longer, in milliseconds:
   *     the rest of one call and then their own
   * @param median of queue and run, in milliseconds, of images that come by chance
   * @param p99 the same
   */
  private record Row(
      String size, double before, double after, double twoCalls, double median, double p99) {}

  @Test
  void adaptiveDoesAsMuchAsTheBestFixedSizeThatIsWithinTheObjective() {
    StringBuilder table = new StringBuilder();
    table.append("| device | batches of | images/s, 1st minute | 2nd | two calls, p99 |");
    table.append(" queue + run at load, p50 | p99 |\n|---|---|---|---|---|---|---|\n");
    for (Device device : DEVICES) {
      Row adaptive = row(device, "adaptive", 0, 0);
      double load = 0.8 * Math.min(adaptive.before, adaptive.after);
      List<Row> rows = new ArrayList<>();
      for (int fixed : FIXED) {
        rows.add(row(device, Integer.toString(fixed), fixed, load));
      }
      double best =
          rows.stream()
              .filter(row -> row.twoCalls <= OBJECTIVE / (double) MS)
              .mapToDouble(row -> row.before + row.after)
              .max()
              .orElseThrow();
      assertThat(adaptive.before + adaptive.after).as(device.name).isGreaterThan(0.97 * best);
      assertThat(adaptive.twoCalls).as(device.name).isLessThan(1.1 * OBJECTIVE / MS);
      rows.add(row(device, "adaptive", 0, load));
      for (Row row : rows) {
        table.append(
            "| %s, %.0f/s | %s | %.0f | %.0f | %.0f ms | %s | %s |\n"
                .formatted(
                    device.name,
                    load,
                    row.size,
                    row.before,
                    row.after,
                    row.twoCalls,
                    milliseconds(row.median),
                    milliseconds(row.p99)));
      }
    }
    System.out.println(table);
  }

  /** What grows for as long as images come is no latency. */
  private static String milliseconds(double value) {
    return value > 5_000 ? "never ends" : "%.0f ms".formatted(value);
  }

  /**
   * @param fixed 0 for adaptive
   * @param load images a second; 0 for none
   */
  private static Row row(Device device, String name, int fixed, double load) {
    List<SimulatedLanes.Ran> backlog = run(device, fixed, new long[250_000], LENGTH);
    double[] calls =
        backlog.stream().mapToDouble(ran -> 2.0 * (ran.endedAt() - ran.startedAt()) / MS).toArray();
    double[] latencies =
        load == 0
            ? new double[] {0}
            : run(device, fixed, arrivals(load), 2 * LENGTH).stream()
                .flatMapToDouble(ran ->
                    ran.submittedAt().stream()
                        .mapToDouble(at -> (ran.endedAt() - at) / (double) MS))
                .toArray();
    return new Row(
        name,
        images(backlog, 0, CHANGE) / 60.0,
        images(backlog, CHANGE, LENGTH) / 60.0,
        quantile(calls, 0.99),
        quantile(latencies, 0.5),
        quantile(latencies, 0.99));
  }

  private static List<SimulatedLanes.Ran> run(Device device, int fixed, long[] arrivals, long end) {
    AdaptiveBatchSize adaptive =
        AdaptiveBatchSize.within(Duration.ofNanos(OBJECTIVE), MOST, List.of());
    IntSupplier size = fixed > 0 ? () -> fixed : adaptive::size;
    BatchPolicy policy = new BatchPolicy(MOST, List.of(), Duration.ZERO);
    return new SimulatedLanes(1, () -> policy.atMost(size.getAsInt()), device.cost, adaptive::ran)
        .run(arrivals, end);
  }

  /** A Poisson process of this many images a second; always the same. */
  private static long[] arrivals(double load) {
    Random random = new Random(1);
    return DoubleStream.iterate(
            0, at -> at < LENGTH, at -> at - Math.log(1 - random.nextDouble()) / load * SECONDS)
        .mapToLong(at -> (long) at)
        .toArray();
  }

  private static long images(List<SimulatedLanes.Ran> ran, long from, long until) {
    return ran.stream()
        .filter(batch -> batch.endedAt() >= from && batch.endedAt() < until)
        .mapToLong(SimulatedLanes.Ran::size)
        .sum();
  }

  private static double quantile(double[] values, double share) {
    double[] sorted = DoubleStream.of(values).sorted().toArray();
    return sorted[(int) (share * (sorted.length - 1))];
  }
}

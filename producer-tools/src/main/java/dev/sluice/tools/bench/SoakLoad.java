package dev.sluice.tools.bench;

import dev.sluice.tools.Text;
import dev.sluice.tools.report.Plot;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;

/**
 * Many intervals at 80 % of what the worker can do, one after the other, and whether the last are
 * like the first: throughput, latency, memory, pauses.
 */
final class SoakLoad implements Scenario {
  private static final Photographs.Kind IMAGES = Photographs.Kind.VGA;
  private static final double LOAD = 0.8;

  /** Ten minutes of intervals of ten seconds. */
  private static final int INTERVALS = 60;

  private static final double MIB = 1 << 20;

  @Override
  public String name() {
    return "soak-load";
  }

  @Override
  public String description() {
    return "60 intervals of --duration (ten minutes) at 80 % load: throughput, p99, memory, pauses";
  }

  @Override
  public Findings run(Bench bench) throws IOException, InterruptedException {
    BenchSettings settings = bench.settings();
    BenchModel model = settings.model().orElseGet(BenchModel::classifier);
    List<Path> files = bench.images(IMAGES);
    try (Deployment deployment = bench.prepare(name(), model, settings.partitions(), Map.of());
        Requests requests = deployment.requests(bench.byAddress(files));
        ResultsMeter results = deployment.results()) {
      deployment.start(settings.workers());
      double offered;
      if (settings.rate().isPresent()) {
        offered = settings.rate().getAsDouble();
      } else {
        double capacity =
            Capacity.measure(requests, results, settings.warmUp(), settings.duration());
        bench.tell(name() + ": out of a backlog " + Text.number(capacity) + " images/s");
        offered = LOAD * capacity;
      }
      List<Interval> intervals = new ArrayList<>();
      try (LatencyMeter meter = deployment.latencies()) {
        // A new worker that gets this load from its first moment has a backlog for minutes.
        bench.tell(name() + ": warming up at " + Text.number(offered) + " images/s");
        WarmUp.of(bench, name()).at(offered, settings.seed(), requests, meter);
        for (int i = 0; i < INTERVALS; i++) {
          intervals.add(interval(bench, deployment, requests, meter, offered, i));
          Interval last = intervals.getLast();
          bench.tell(
              "%s: interval %d: %s images/s, p99 %s ms, %s MiB"
                  .formatted(
                      name(),
                      i + 1,
                      Text.number(last.answered()),
                      Text.number(last.p99()),
                      Text.number(last.residentMib())));
        }
      }
      deployment.requireNoFailures();
      return findings(bench, model, offered, intervals);
    }
  }

  /**
   * One of them.
   *
   * @param answered results a second
   * @param p50 in milliseconds, as p99
   * @param pauseMillis of the collector, in all
   */
  private record Interval(
      double seconds,
      double answered,
      double p50,
      double p99,
      double residentMib,
      double pauseMillis) {}

  private static Interval interval(
      Bench bench,
      Deployment deployment,
      Requests requests,
      LatencyMeter meter,
      double perSecond,
      int number)
      throws InterruptedException {
    Scrape before = deployment.scrape();
    long countBefore = meter.count();
    long begun = System.nanoTime();
    long _ =
        new OpenLoop(requests, perSecond, bench.settings().seed() + number)
            .run(bench.settings().duration());
    double seconds = (System.nanoTime() - begun) / 1e9;
    // What is under way belongs to the next interval, as it does in a river.
    Histogram micros = meter.take();
    Scrape grown = deployment.scrape().since(before);
    return new Interval(
        number * bench.settings().duration().toMillis() / 1000.0,
        (meter.count() - countBefore) / seconds,
        LatencyMeter.millis(micros, 50),
        LatencyMeter.millis(micros, 99),
        deployment.residentBytes() / MIB,
        1000 * grown.sum("jvm_gc_pause_seconds_sum"));
  }

  private Findings findings(
      Bench bench, BenchModel model, double offered, List<Interval> intervals) {
    SequencedMap<String, Object> facts = new LinkedHashMap<>();
    facts.put("model", model.title());
    facts.put("images", bench.imagesText(IMAGES));
    facts.put("offered_images_per_second", offered);
    facts.put(
        "collector_pauses_ms_per_interval",
        new Samples(intervals.stream().map(Interval::pauseMillis).toList()).median());
    return new Findings(
        List.of(
            flat(
                "throughput",
                "images/s",
                intervals,
                Interval::answered,
                new Target.AtLeast(0.95),
                facts),
            flat(
                "p99",
                "ms",
                intervals,
                Interval::p99,
                new Target.AtMost(1.5),
                new LinkedHashMap<>()),
            flat(
                "resident memory",
                "MiB",
                intervals,
                Interval::residentMib,
                new Target.AtMost(1.1),
                new LinkedHashMap<>())),
        List.of(
            plot(
                "Throughput over time",
                "images/s",
                intervals,
                Map.of("answered", Interval::answered)),
            plot(
                "Latency over time",
                "ms",
                intervals,
                Map.of("p50", Interval::p50, "p99", Interval::p99)),
            plot(
                "Resident memory over time",
                "MiB",
                intervals,
                Map.of("resident", Interval::residentMib)),
            plot(
                "Collector pauses in an interval",
                "ms",
                intervals,
                Map.of("pauses", Interval::pauseMillis))));
  }

  /** The last third over the second one; the first may still be warming up. */
  private Row flat(
      String what,
      String unit,
      List<Interval> intervals,
      ToDoubleFunction<Interval> value,
      Target target,
      SequencedMap<String, Object> facts) {
    List<Double> values =
        intervals.stream().map(value::applyAsDouble).map(Double::valueOf).toList();
    int third = values.size() / 3;
    return Row.ratio(
        name(),
        "flat: " + what + " of the last third at 80 % load",
        unit,
        Samples.of(new Samples(values.subList(2 * third, values.size())).median()),
        Samples.of(new Samples(values.subList(third, 2 * third)).median()),
        "the middle third",
        target,
        facts);
  }

  private Plot plot(
      String title,
      String unit,
      List<Interval> intervals,
      Map<String, ToDoubleFunction<Interval>> series) {
    return new Plot(
        name(),
        title,
        Plot.Kind.LINES,
        "seconds",
        unit,
        new java.util.TreeMap<>(series)
            .entrySet().stream()
                .map(each ->
                    new Plot.Series(
                        each.getKey(),
                        intervals.stream()
                            .map(interval ->
                                Plot.Point.at(
                                    interval.seconds(), each.getValue().applyAsDouble(interval)))
                            .toList()))
                .toList());
  }
}

package dev.sluice.tools.bench;

import dev.sluice.tools.Text;
import dev.sluice.tools.report.Plot;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;

/**
 * Latency from the planned time of a request to its result at the reader, while requests come at a
 * share of what the workers can do; and how latency and throughput go over the offered load.
 */
final class LoadLatency implements Scenario {
  private static final Photographs.Kind IMAGES = Photographs.Kind.VGA;
  private static final double TARGET_LOAD = 0.7;
  private static final List<Double> OTHER_LOADS = List.of(0.1, 0.3, 0.5, 0.8, 0.9, 1.0);
  private static final Duration LIMIT = Duration.ofMinutes(2);

  @Override
  public String name() {
    return "load-latency";
  }

  @Override
  public String description() {
    return "p99 from planned sending to result at 70 % of what the worker can do, open loop";
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
      double capacity =
          settings.rate().isPresent()
              ? settings.rate().getAsDouble() / TARGET_LOAD
              : Capacity.measure(requests, results, settings.warmUp(), settings.duration());
      bench.tell(
          "%s: %s images/s %s"
              .formatted(
                  name(),
                  Text.number(capacity),
                  settings.rate().isPresent()
                      ? "are what the rate is 70 % of"
                      : "out of a backlog"));
      List<Double> capacities = new ArrayList<>();
      Loads loads = new Loads(bench, deployment, requests);
      loads.warmUp(TARGET_LOAD * capacity);
      List<Scrape> grown = new ArrayList<>();
      for (int round = 1; round <= settings.rounds(); round++) {
        if (settings.rate().isEmpty()) {
          // Machines become faster and slower, and so does what 70 % is.
          capacity = Capacity.again(requests, results, capacity, settings.duration());
        }
        capacities.add(capacity);
        // The backlog in between is no part of where the time goes at this load.
        Scrape before = deployment.scrape();
        loads.at(TARGET_LOAD, capacity, settings.seed() + round);
        grown.add(deployment.scrape().since(before));
      }
      Stages stages = new Stages(Scrape.sum(grown));
      List<Load> atTarget = List.copyOf(loads.all);
      double median = new Samples(capacities).median();
      for (double load : OTHER_LOADS) {
        loads.at(load, median, settings.seed());
      }
      deployment.requireNoFailures();
      return findings(bench, model, median, atTarget, loads.all, stages);
    }
  }

  private Findings findings(
      Bench bench,
      BenchModel model,
      double capacity,
      List<Load> atTarget,
      List<Load> all,
      Stages stages) {
    SequencedMap<String, Object> facts = new LinkedHashMap<>();
    facts.put("model", model.title());
    facts.put("images", bench.imagesText(IMAGES));
    facts.put("capacity_images_per_second", capacity);
    facts.put("offered_images_per_second", TARGET_LOAD * capacity);
    facts.put("busy_cores", new Samples(atTarget.stream().map(Load::busyCores).toList()).median());
    facts.put("cores", Runtime.getRuntime().availableProcessors());
    facts.put("mean_batch", stages.meanBatch());
    facts.put(
        "driver_share_of_cpu",
        new Samples(atTarget.stream().map(Load::driverShare).toList()).median());
    facts.put(
        "compilers_share_of_cpu",
        new Samples(atTarget.stream().map(Load::compilersShare).toList()).median());
    Row row =
        Row.figure(
            name(),
            "p99 at 70 % load, " + bench.imagesText(IMAGES) + ", " + model.name(),
            "ms",
            new Samples(atTarget.stream().map(Load::p99).toList()),
            new Samples(atTarget.stream().map(Load::p50).toList()),
            "p50 at the same load",
            new Target.AtMost(100),
            facts);
    return new Findings(
        List.of(row),
        List.of(
            new Plot(
                name(),
                "Latency over offered load",
                Plot.Kind.LINES,
                "offered images/s",
                "ms",
                List.of(
                    series("p50", all, Load::p50),
                    series("p90", all, Load::p90),
                    series("p99", all, Load::p99))),
            new Plot(
                name(),
                "Throughput over offered load",
                Plot.Kind.LINES,
                "offered images/s",
                "images/s",
                List.of(
                    series("answered", all, Load::answered),
                    series("offered", all, Load::offered))),
            stages.whereTheTimeGoes(
                name() + ", 70 %",
                new Samples(atTarget.stream().map(Load::mean).toList()).median()),
            stages.batchSizes(name())));
  }

  /** Of a load that was offered in several rounds, the median. */
  private static Plot.Series series(String name, List<Load> loads, ToDoubleFunction<Load> value) {
    SortedMap<Double, List<Double>> byOffered = new TreeMap<>();
    for (Load load : loads) {
      byOffered
          .computeIfAbsent(load.offered(), _ -> new ArrayList<>())
          .add(value.applyAsDouble(load));
    }
    return new Plot.Series(
        name,
        byOffered.entrySet().stream()
            .map(entry -> Plot.Point.at(entry.getKey(), new Samples(entry.getValue()).median()))
            .toList());
  }

  /**
   * What one load was like.
   *
   * @param offered planned requests a second
   * @param answered results a second, from the first planned request to the last result
   * @param mean in milliseconds, as the percentiles
   * @param busyCores processor time of all processes in a second
   * @param driverShare of the processor time of all processes: the sender and the reader
   * @param compilersShare of the same: the compilers of all processes
   */
  private record Load(
      double offered,
      double answered,
      double mean,
      double p50,
      double p90,
      double p99,
      double busyCores,
      double driverShare,
      double compilersShare) {}

  /** Offers one load after another. */
  private final class Loads {
    private final Bench bench;
    private final Deployment deployment;
    private final Requests requests;
    private final List<Load> all = new ArrayList<>();

    Loads(Bench bench, Deployment deployment, Requests requests) {
      this.bench = bench;
      this.deployment = deployment;
      this.requests = requests;
    }

    /**
     * A backlog is worked off in large requests. Broker and worker have code of its own for single
     * ones, and compile it anew; neither should be measured while it does.
     */
    void warmUp(double offered) throws InterruptedException {
      bench.tell(name() + ": warming up at " + Text.number(offered) + " images/s");
      try (LatencyMeter meter = deployment.latencies()) {
        WarmUp.of(bench, name()).at(offered, bench.settings().seed(), requests, meter);
      }
    }

    void at(double share, double capacity, long seed) throws InterruptedException {
      double offered = share * capacity;
      try (LatencyMeter meter = deployment.latencies()) {
        Usage before = Usage.now();
        WarmUp.Spent compiledBefore = WarmUp.Spent.now();
        long begun = System.nanoTime();
        long sent = new OpenLoop(requests, offered, seed).run(bench.settings().duration());
        requests.flush();
        meter.await(sent, LIMIT);
        double seconds = (System.nanoTime() - begun) / 1e9;
        Usage spent = Usage.now().since(before);
        double compilers = WarmUp.Spent.now().compilersShareSince(compiledBefore);
        Histogram micros = meter.take();
        Load load =
            new Load(
                offered,
                sent / seconds,
                micros.getMean() / 1000,
                LatencyMeter.millis(micros, 50),
                LatencyMeter.millis(micros, 90),
                LatencyMeter.millis(micros, 99),
                spent.all() / seconds,
                spent.of(Usage.Part.DRIVER) / spent.all(),
                compilers);
        all.add(load);
        bench.tell(
            String.format(
                Locale.ROOT,
                "%s: %.0f %% load, %.0f images/s: p50 %.1f ms, p99 %.1f ms, %.2f cores busy,"
                    + " driver %.0f %% of that, compilers %.0f %%",
                name(),
                100 * share,
                offered,
                load.p50(),
                load.p99(),
                load.busyCores(),
                100 * load.driverShare(),
                100 * load.compilersShare()));
      }
    }
  }
}

package dev.sluice.tools.bench;

import dev.sluice.tools.Text;
import dev.sluice.tools.bench.Scenario.Findings;
import dev.sluice.tools.report.Plot;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * How much of what the hardware gives a worker reaches: images a second out of a backlog, through
 * Kafka and over HTTP, against the bare loop. The two take turns.
 */
final class Throughput implements Scenario {
  /**
   * Of a turn. A round has several on each side: machines become faster and slower within seconds.
   */
  private static final Duration TURN = Duration.ofMillis(2500);

  private final String name;
  private final String description;
  private final Photographs.Kind images;
  private final ModelSource model;
  private final Target target;

  /** Makes a model once it is known that it is needed. */
  interface ModelSource {
    BenchModel make() throws IOException;
  }

  Throughput(
      String name, String description, Photographs.Kind images, ModelSource model, Target target) {
    this.name = name;
    this.description = description;
    this.images = images;
    this.model = model;
    this.target = target;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public Findings run(Bench bench) throws IOException, InterruptedException {
    BenchSettings settings = bench.settings();
    BenchModel chosen = settings.model().isPresent() ? settings.model().get() : model.make();
    List<Path> files = bench.images(images);
    try (Deployment deployment = bench.prepare(name, chosen, settings.partitions(), Map.of());
        Requests requests = deployment.requests(bench.byAddress(files));
        ResultsMeter results = deployment.results();
        BareLoopProcess loop =
            BareLoopProcess.start(
                settings.jvmOptions(),
                deployment.settings(),
                List.of("--images=" + files.getFirst().getParent()))) {
      deployment.start(settings.workers());
      bench.tell(name + ": warming up");
      BareLoopRun _ = loop.run(settings.warmUp());
      double perSecond =
          WarmUp.of(bench, name).run(step -> Capacity.warmUp(requests, results, step));
      Scrape before = deployment.scrape();
      Turns turns = new Turns(bench);
      try (WorkersInTurns workers = new WorkersInTurns(deployment.workers(), requests, results)) {
        // The first turn fills the pipes.
        ResultsMeter.Window _ = workers.work(TURN, 2 * perSecond);
        for (int round = 1; round <= settings.rounds(); round++) {
          turns.round(round, loop, workers);
        }
        turns.compilerSeconds = workers.compilerSeconds();
      }
      deployment.requireNoFailures();
      return turns.findings(chosen, deployment.scrape().since(before));
    }
  }

  /** The rounds of one run. */
  private final class Turns {
    private final Bench bench;

    /** Of each round. */
    private final List<Double> barePerSecond = new ArrayList<>();

    /** Of each round. */
    private final List<Double> sluicePerSecond = new ArrayList<>();

    /** Of each turn of each round. */
    private final List<BareLoopRun> bare = new ArrayList<>();

    /** Of each turn of each round. */
    private final List<ResultsMeter.Window> sluice = new ArrayList<>();

    /** Of all turns. */
    private double compilerSeconds;

    Turns(Bench bench) {
      this.bench = bench;
    }

    void round(int round, BareLoopProcess loop, WorkersInTurns workers)
        throws InterruptedException {
      int turns = (int) Math.ceilDiv(bench.settings().duration().toNanos(), TURN.toNanos());
      Duration duration = bench.settings().duration().dividedBy(turns);
      for (int turn = 0; turn < turns; turn++) {
        bare.add(loop.run(duration));
        // Nothing is faster than the bare loop, but for the machine's moods.
        sluice.add(workers.work(duration, 2 * bare.getLast().imagesPerSecond()));
      }
      List<BareLoopRun> loops = bare.subList(bare.size() - turns, bare.size());
      barePerSecond.add(
          loops.stream().mapToDouble(each -> each.imagesPerSecond() * each.seconds()).sum()
              / loops.stream().mapToDouble(BareLoopRun::seconds).sum());
      List<ResultsMeter.Window> windows = sluice.subList(sluice.size() - turns, sluice.size());
      sluicePerSecond.add(
          windows.stream().mapToLong(ResultsMeter.Window::records).sum()
              / windows.stream().mapToDouble(ResultsMeter.Window::seconds).sum());
      bench.tell(
          "%s: round %d: bare loop %s images/s, sluice %s"
              .formatted(
                  name,
                  round,
                  Text.number(barePerSecond.getLast()),
                  Text.number(sluicePerSecond.getLast())));
    }

    Findings findings(BenchModel model, Scrape metrics) {
      SequencedMap<String, Object> facts = new LinkedHashMap<>();
      facts.put("model", model.title());
      facts.put("images", bench.imagesText(images));
      facts.put("bare_threads", bare.getFirst().threads());
      facts.put("bare_batch", bare.getFirst().batch());
      facts.put("bare_decode_ms", median(bare.stream().map(BareLoopRun::decodeMillis).toList()));
      facts.put(
          "bare_inference_ms", median(bare.stream().map(BareLoopRun::inferenceMillis).toList()));
      facts.put(
          "bare_cpu_ms_per_image",
          median(bare.stream().map(BareLoopRun::cpuSecondsPerThousandImages).toList()));
      facts.put(
          "bare_allocated_bytes_per_image",
          median(bare.stream().map(BareLoopRun::allocatedBytesPerImage).toList()));
      for (Usage.Part part :
          EnumSet.complementOf(EnumSet.of(Usage.Part.BARE_LOOP, Usage.Part.BARE))) {
        facts.put(
            part.name().toLowerCase(java.util.Locale.ROOT) + "_cpu_ms_per_image", cpuMillis(part));
      }
      double bareCpu = median(bare.stream().map(BareLoopRun::cpuSecondsPerThousandImages).toList());
      facts.put(
          "workers_compilers_cpu_ms_per_image",
          1000 * compilerSeconds / sluice.stream().mapToLong(ResultsMeter.Window::records).sum());
      facts.put("cpu_bare_over_workers", bareCpu / cpuMillis(Usage.Part.WORKERS));
      facts.put(
          "cpu_bare_over_all_processes",
          bareCpu
              / median(
                  sluice.stream()
                      .map(window -> 1000 * window.usage().all() / window.records())
                      .toList()));
      Stages stages = new Stages(metrics);
      facts.put(
          "workers_allocated_bytes_per_image",
          metrics.sum("jvm_gc_memory_allocated_bytes_total")
              / Math.max(1, metrics.sum("sluice_inference_request_success_total")));
      facts.put("mean_batch", stages.meanBatch());
      Row row =
          Row.ratio(
              name,
              bench.imagesText(images) + ", " + model.name(),
              "images/s",
              new Samples(sluicePerSecond),
              new Samples(barePerSecond),
              "bare loop",
              target,
              facts);
      return new Findings(List.of(row), List.of(processorTime(), stages.batchSizes(name)));
    }

    /** The worker's bar ends where the time of an image ends that all processes share. */
    private Plot processorTime() {
      double all =
          median(
              sluice.stream()
                  .map(window -> 1000 * window.usage().all() / window.records())
                  .toList());
      double worker = cpuMillis(Usage.Part.WORKERS);
      double broker = cpuMillis(Usage.Part.BROKER);
      double images = cpuMillis(Usage.Part.IMAGES);
      String bareName = name + ", bare";
      return new Plot(
          name,
          "Processor time of one image (median)",
          Plot.Kind.STACKED_BARS,
          "",
          "ms",
          List.of(
              new Plot.Series(
                  "worker or bare loop",
                  List.of(
                      Plot.Point.named(name, worker),
                      Plot.Point.named(
                          bareName,
                          median(
                              bare.stream()
                                  .map(BareLoopRun::cpuSecondsPerThousandImages)
                                  .toList())))),
              new Plot.Series("broker", List.of(Plot.Point.named(name, broker))),
              new Plot.Series("image server", List.of(Plot.Point.named(name, images))),
              new Plot.Series(
                  "bench and registry",
                  List.of(Plot.Point.named(name, Math.max(0, all - worker - broker - images))))));
    }

    private double cpuMillis(Usage.Part part) {
      return median(sluice.stream().map(window -> window.cpuMillis(part)).toList());
    }

    private static double median(List<Double> values) {
      return new Samples(values).median();
    }
  }
}

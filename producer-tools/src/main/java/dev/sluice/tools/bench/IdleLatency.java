package dev.sluice.tools.bench;

import dev.sluice.tools.Text;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.HdrHistogram.Histogram;

/**
 * What Kafka and the worker add to one request on an idle machine: sent, fetched, decoded, run,
 * published and read, one at a time, against the bare loop that fetches, decodes and runs one at a
 * time. Both rest for a while between two.
 */
final class IdleLatency implements Scenario {
  private static final Photographs.Kind IMAGES = Photographs.Kind.VGA;
  private static final Duration REST = Duration.ofMillis(5);
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @Override
  public String name() {
    return "idle-latency";
  }

  @Override
  public String description() {
    return "p50 of one request at a time on an idle system, less bare fetch + decode + infer";
  }

  @Override
  public Findings run(Bench bench) throws IOException, InterruptedException {
    BenchSettings settings = bench.settings();
    BenchModel model = settings.model().orElseGet(BenchModel::classifier);
    List<Path> files = bench.images(IMAGES);
    List<String> bareOptions = new ArrayList<>();
    files.forEach(file -> bareOptions.add("--fetch=" + bench.address(file)));
    bareOptions.add("--threads=1");
    bareOptions.add("--pause-millis=" + REST.toMillis());
    List<Double> ours = new ArrayList<>();
    List<Double> ours99 = new ArrayList<>();
    List<Double> oursMean = new ArrayList<>();
    List<Double> theirs = new ArrayList<>();
    Stages stages;
    try (Deployment deployment = bench.prepare(name(), model, settings.partitions(), Map.of());
        Requests requests = deployment.singleRequests(bench.byAddress(files));
        LatencyMeter meter = deployment.latencies();
        BareLoopProcess loop =
            BareLoopProcess.start(settings.jvmOptions(), deployment.settings(), bareOptions)) {
      deployment.start(settings.workers());
      BareLoopRun _ = loop.run(settings.warmUp());
      Histogram _ = oneAtATime(requests, meter, settings.warmUp());
      Scrape before = deployment.scrape();
      for (int round = 1; round <= settings.rounds(); round++) {
        BareLoopRun bare = loop.run(settings.duration());
        Histogram micros = oneAtATime(requests, meter, settings.duration());
        theirs.add(bare.turn().p50());
        ours.add(LatencyMeter.millis(micros, 50));
        ours99.add(LatencyMeter.millis(micros, 99));
        oursMean.add(micros.getMean() / 1000);
        bench.tell(
            "%s: round %d: bare p50 %s ms, sluice %s ms"
                .formatted(
                    name(), round, Text.number(theirs.getLast()), Text.number(ours.getLast())));
      }
      stages = new Stages(deployment.scrape().since(before));
      deployment.requireNoFailures();
    }
    SequencedMap<String, Object> facts = new LinkedHashMap<>();
    facts.put("model", model.title());
    facts.put("images", bench.imagesText(IMAGES));
    facts.put("sluice_p99_ms", new Samples(ours99).median());
    return new Findings(
        List.of(
            Row.difference(
                name(),
                "p50 of single requests, " + bench.imagesText(IMAGES) + ", " + model.name(),
                "ms",
                new Samples(ours),
                new Samples(theirs),
                "bare fetch + decode + infer",
                new Target.AtMost(5),
                facts)),
        List.of(stages.whereTheTimeGoes(name(), new Samples(oursMean).median())));
  }

  private static Histogram oneAtATime(Requests requests, LatencyMeter meter, Duration duration)
      throws InterruptedException {
    Histogram _ = meter.take();
    long begun = System.nanoTime();
    while (System.nanoTime() - begun < duration.toNanos()) {
      long before = meter.count();
      requests.send(System.nanoTime());
      meter.await(before + 1, LIMIT);
      Thread.sleep(REST);
    }
    return meter.take();
  }
}

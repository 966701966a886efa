package dev.sluice.tools.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Memory of a worker before which a hundred thousand requests wait, since its image store is slow.
 * They are to cost the broker disk, and the worker nothing.
 */
final class BacklogMemory implements Scenario {
  private static final Photographs.Kind IMAGES = Photographs.Kind.VGA;
  private static final int WAITING = 100_000;
  private static final int DELAY_MILLIS = 500;
  private static final double MIB = 1 << 20;

  /**
   * How much longer than other measurements this one takes after warming up: memory grows slowly,
   * if it does.
   */
  private static final int TIMES = 6;

  @Override
  public String name() {
    return "backlog-memory";
  }

  @Override
  public String description() {
    return "resident memory while 100 000 requests wait and each image takes half a second";
  }

  @Override
  public Findings run(Bench bench) throws IOException, InterruptedException {
    BenchSettings settings = bench.settings();
    BenchModel model = settings.model().orElseGet(BenchModel::classifier);
    List<Path> files = bench.images(IMAGES);
    try (Deployment deployment = bench.prepare(name(), model, settings.partitions(), Map.of());
        Requests requests =
            deployment.requests(
                files.stream()
                    .map(file -> Requests.at(bench.slowAddress(file, DELAY_MILLIS)))
                    .toList());
        ResultsMeter results = deployment.results()) {
      requests.burst(WAITING);
      bench.tell("%s: %d requests wait".formatted(name(), WAITING));
      deployment.start(1);
      Duration whole = settings.warmUp().plus(settings.duration().multipliedBy(TIMES));
      Watch watch = Watch.over(deployment, results, whole, bench::tell);
      deployment.requireNoFailures();
      return findings(bench, model, watch, WAITING - results.count());
    }
  }

  private Findings findings(Bench bench, BenchModel model, Watch watch, long waiting) {
    SequencedMap<String, Object> facts = new LinkedHashMap<>();
    facts.put("model", model.title());
    facts.put("images", bench.imagesText(IMAGES) + ", each after " + DELAY_MILLIS + " ms");
    facts.put("still_waiting_at_the_end", waiting);
    facts.put("jvm_options", String.join(" ", bench.settings().jvmOptions()));
    List<Double> whole = watch.moments().stream().map(Watch.Moment::residentBytes).toList();
    // Its heap grows while it warms up, as that of any JVM does: the greatest figure counts that.
    double warm = bench.settings().warmUp().toMillis() / 1e3;
    List<Double> bytes =
        watch.moments().stream()
            .filter(moment -> moment.seconds() > warm)
            .map(Watch.Moment::residentBytes)
            .toList();
    Samples early =
        new Samples(
            bytes.subList(bytes.size() / 3, Math.max(bytes.size() / 3 + 1, 2 * bytes.size() / 3)));
    Samples late = new Samples(bytes.subList(2 * bytes.size() / 3, bytes.size()));
    List<Row> rows = new ArrayList<>();
    rows.add(
        Row.figure(
            name(),
            "greatest resident memory",
            "MiB",
            Samples.of(new Samples(whole).max() / MIB),
            Samples.of(early.median() / MIB),
            "median of the middle third after warming up",
            new Target.AtMost(1024),
            facts));
    rows.add(
        Row.ratio(
            name(),
            "flat: resident memory of the last third",
            "MiB",
            Samples.of(late.median() / MIB),
            Samples.of(early.median() / MIB),
            "the middle third after warming up",
            new Target.AtMost(1.1),
            new LinkedHashMap<>()));
    return new Findings(rows, List.of(watch.memory(name())));
  }
}

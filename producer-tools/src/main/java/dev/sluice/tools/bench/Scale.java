package dev.sluice.tools.bench;

import dev.sluice.tools.Text;
import dev.sluice.tools.report.Plot;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Throughput with more workers, each with a simulated device of its own, so that a few cores stand
 * for many devices; and of one worker with more partitions.
 */
final class Scale implements Scenario {
  private static final List<Integer> COUNTS = List.of(1, 2, 4, 8);
  private static final int PARTITIONS = 8;
  private static final int IMAGE_BYTES = 1024;

  /** One lane, at most 8 images in 50 ms: 160 images a second for each worker, at little cost. */
  private static final BenchModel DEVICE =
      BenchModel.simulated("{batch: 50ms}", "max_batch_size: 8\ninstances: 1\n");

  private static final long IMAGES_PER_SECOND = 160;

  @Override
  public String name() {
    return "scale";
  }

  @Override
  public String description() {
    return "throughput of 1 to 8 workers on 8 partitions, and of one worker on 1 to 8 partitions";
  }

  @Override
  public Findings run(Bench bench) throws IOException, InterruptedException {
    List<Row> rows = new ArrayList<>();
    List<Plot.Point> workers = new ArrayList<>();
    List<Plot.Point> ideal = new ArrayList<>();
    double single = 0;
    for (int count : COUNTS) {
      double perSecond = measured(bench, count, PARTITIONS);
      single = count == 1 ? perSecond : single;
      rows.add(
          row(
              count + (count == 1 ? " worker" : " workers") + ", 8 partitions",
              perSecond,
              count * single,
              "%d times one".formatted(count)));
      workers.add(Plot.Point.at(count, perSecond));
      ideal.add(Plot.Point.at(count, count * single));
    }
    for (int partitions : COUNTS.subList(0, COUNTS.size() - 1)) {
      double perSecond = measured(bench, 1, partitions);
      rows.add(
          row(
              "1 worker, " + partitions + (partitions == 1 ? " partition" : " partitions"),
              perSecond,
              single,
              "one with 8"));
    }
    return new Findings(
        rows,
        List.of(
            new Plot(
                name(),
                "Throughput over workers",
                Plot.Kind.LINES,
                "workers",
                "images/s",
                List.of(
                    new Plot.Series("measured", workers),
                    new Plot.Series("in proportion", ideal)))));
  }

  private Row row(String what, double perSecond, double reference, String referenceName) {
    SequencedMap<String, Object> facts = new LinkedHashMap<>();
    facts.put("model", DEVICE.title() + ", one lane, at most 8 in a batch");
    return Row.ratio(
        name(),
        what,
        "images/s",
        Samples.of(perSecond),
        Samples.of(reference),
        referenceName,
        new Target.None(),
        facts);
  }

  private double measured(Bench bench, int workers, int partitions)
      throws IOException, InterruptedException {
    BenchSettings settings = bench.settings();
    try (Deployment deployment = bench.prepare(name(), DEVICE, partitions, Map.of());
        Requests requests =
            deployment.requests(List.of(Requests.inline(Photographs.small(IMAGE_BYTES))));
        ResultsMeter results = deployment.results()) {
      deployment.start(workers);
      double _ = Capacity.warmUp(requests, results, settings.warmUp());
      long count =
          Math.max(
              40L * workers, IMAGES_PER_SECOND * settings.duration().toMillis() / 1000 * workers);
      long from = results.count();
      requests.burst(count);
      double perSecond = results.middle(from, from + count).perSecond();
      deployment.requireNoFailures();
      bench.tell(
          "%s: %d workers, %d partitions: %s images/s"
              .formatted(name(), workers, partitions, Text.number(perSecond)));
      return perSecond;
    }
  }
}

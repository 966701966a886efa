package dev.sluice.tools.bench;

import dev.sluice.tools.Text;
import dev.sluice.tools.report.Plot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Fixed batch sizes against the adaptive one, on a simulated device that becomes twice as fast
 * under way: images a second out of a backlog on the slow device, and on the fast one beside it.
 */
final class Batching implements Scenario {
  private static final String SLOW = "batch: 20ms\nitem: 1ms\n";
  private static final String FAST = "batch: 10ms\nitem: 500us\n";
  private static final int MOST = 64;
  private static final int IMAGE_BYTES = 1024;

  /** What a worker is told of its batches. */
  private record Sizing(String name, String yaml) {
    static Sizing fixed(int size) {
      return new Sizing("batches of up to " + size, "max_batch_size: %d\n".formatted(size));
    }

    static Sizing adaptive(String objective) {
      return new Sizing(
          "adaptive, latency_objective " + objective,
          "max_batch_size: %d\nbatching: adaptive\nlatency_objective: %s\n"
              .formatted(MOST, objective));
    }
  }

  private static final List<Sizing> SIZINGS =
      List.of(
          Sizing.fixed(1),
          Sizing.fixed(8),
          Sizing.fixed(32),
          Sizing.fixed(MOST),
          Sizing.adaptive("100ms"));

  @Override
  public String name() {
    return "batching";
  }

  @Override
  public String description() {
    return "fixed and adaptive batch sizes on a simulated device whose cost changes under way";
  }

  @Override
  public Findings run(Bench bench) throws IOException, InterruptedException {
    List<Row> rows = new ArrayList<>();
    List<Plot> plots = new ArrayList<>();
    for (Sizing sizing : SIZINGS) {
      Measured measured = measure(bench, sizing);
      rows.add(measured.row);
      plots.add(measured.sizes);
    }
    return new Findings(rows, plots);
  }

  private record Measured(Row row, Plot sizes) {}

  private Measured measure(Bench bench, Sizing sizing) throws IOException, InterruptedException {
    BenchSettings settings = bench.settings();
    BenchModel model =
        BenchModel.simulated("{control: control.yaml}", sizing.yaml + "instances: 1\n");
    List<Double> slow = new ArrayList<>();
    List<Double> fast = new ArrayList<>();
    try (Deployment deployment = bench.prepare(name(), model, settings.partitions(), Map.of());
        Requests requests =
            deployment.requests(List.of(Requests.inline(Photographs.small(IMAGE_BYTES))));
        ResultsMeter results = deployment.results()) {
      Path control = deployment.spec().repository().resolve(model.name()).resolve("control.yaml");
      write(control, SLOW);
      deployment.start(1);
      Scrape first = deployment.scrape();
      Stages slowStages = new Stages(first);
      Stages fastStages = slowStages;
      for (int round = 1; round <= settings.rounds(); round++) {
        write(control, SLOW);
        slow.add(perSecond(bench, requests, results));
        slowStages = new Stages(deployment.scrape().since(first));
        first = deployment.scrape();
        write(control, FAST);
        fast.add(perSecond(bench, requests, results));
        fastStages = new Stages(deployment.scrape().since(first));
        first = deployment.scrape();
        bench.tell(
            "%s: %s, round %d: %s images/s on the slow device, %s on the fast one"
                .formatted(
                    name(),
                    sizing.name,
                    round,
                    Text.number(slow.getLast()),
                    Text.number(fast.getLast())));
      }
      deployment.requireNoFailures();
      SequencedMap<String, Object> facts = new LinkedHashMap<>();
      facts.put("slow_device", SLOW.replace('\n', ' ').strip());
      facts.put("slow_mean_batch", slowStages.meanBatch());
      facts.put("slow_two_calls_ms", 2 * slowStages.meanMillis("inference"));
      facts.put("fast_device", FAST.replace('\n', ' ').strip());
      facts.put("fast_mean_batch", fastStages.meanBatch());
      facts.put("fast_two_calls_ms", 2 * fastStages.meanMillis("inference"));
      return new Measured(
          Row.figure(
              name(),
              sizing.name,
              "images/s",
              new Samples(slow),
              new Samples(fast),
              "the device twice as fast",
              new Target.None(),
              facts),
          slowStages.batchSizes(name() + ", " + sizing.name + ", slow device"));
    }
  }

  private static double perSecond(Bench bench, Requests requests, ResultsMeter results)
      throws InterruptedException {
    return Capacity.measure(
        requests, results, bench.settings().warmUp(), bench.settings().duration());
  }

  /** The device may read it at any time. */
  private static void write(Path control, String text) throws IOException {
    Path written = control.resolveSibling("control.new");
    Files.writeString(written, text);
    Path _ = Files.move(written, control, StandardCopyOption.REPLACE_EXISTING);
  }
}

package dev.sluice.tools.bench;

import dev.sluice.tools.Text;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Whether the device is kept busy under backlog: one lane of a simulated device on which a batch of
 * up to 32 takes 20 ms, and images so small that everything else could do more.
 */
final class LaneBusy implements Scenario {
  private static final int BATCH = 32;
  private static final double CALL_SECONDS = 0.020;
  private static final int IMAGE_BYTES = 1024;

  @Override
  public String name() {
    return "lane-busy";
  }

  @Override
  public String description() {
    return "share of time in which the lane of a simulated device is busy under backlog";
  }

  @Override
  public Findings run(Bench bench) throws IOException, InterruptedException {
    BenchSettings settings = bench.settings();
    BenchModel model =
        BenchModel.simulated(
            "{batch: 20ms}", "max_batch_size: %d\ninstances: 1\n".formatted(BATCH));
    List<Double> busy = new ArrayList<>();
    List<Double> calls = new ArrayList<>();
    try (Deployment deployment = bench.prepare(name(), model, settings.partitions(), Map.of());
        Requests requests =
            deployment.requests(List.of(Requests.inline(Photographs.small(IMAGE_BYTES))));
        ResultsMeter results = deployment.results()) {
      deployment.start(1);
      double _ = Capacity.warmUp(requests, results, settings.warmUp());
      long count = (long) (BATCH / CALL_SECONDS * settings.duration().toMillis() / 1000);
      Scrape first = deployment.scrape();
      for (int round = 1; round <= settings.rounds(); round++) {
        long from = results.count();
        requests.burst(count);
        ResultsMeter.Reading _ = results.await(from + count / 10);
        Scrape before = deployment.scrape();
        long begun = System.nanoTime();
        ResultsMeter.Reading _ = results.await(from + count - count / 10);
        Scrape grown = deployment.scrape().since(before);
        double seconds = (System.nanoTime() - begun) / 1e9;
        busy.add(grown.sum("sluice_inference_lane_busy_seconds_total") / seconds);
        calls.add(new Stages(grown).calls() * CALL_SECONDS / seconds);
        ResultsMeter.Reading _ = results.await(from + count);
        bench.tell(
            "%s: round %d: busy %s of the time, calls of 20 ms %s"
                .formatted(
                    name(), round, Text.number(busy.getLast()), Text.number(calls.getLast())));
      }
      deployment.requireNoFailures();
      Stages stages = new Stages(deployment.scrape().since(first));
      SequencedMap<String, Object> facts = new LinkedHashMap<>();
      facts.put("model", model.title());
      facts.put("images", "JPEG of 1 KB within the request");
      facts.put("mean_batch", stages.meanBatch());
      return new Findings(
          List.of(
              Row.figure(
                  name(),
                  "share of time busy, batches of up to 32 in 20 ms",
                  "of the time",
                  new Samples(busy),
                  new Samples(calls),
                  "calls of 20 ms in it",
                  new Target.AtLeast(0.95),
                  facts)),
          List.of(stages.batchSizes(name())));
    }
  }
}

package dev.sluice.tools.bench;

import dev.sluice.tools.Text;
import dev.sluice.tools.local.StartupCache;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * From the start of a worker's process to its first result at the broker, for a request that waits
 * already, with the demo's model: with the cache of loaded and linked classes that the launcher's
 * build makes, and without.
 */
final class Startup implements Scenario {
  private static final Photographs.Kind IMAGES = Photographs.Kind.VGA;

  @Override
  public String name() {
    return "startup";
  }

  @Override
  public String description() {
    return "process start to first result with the demo's model, with and without the AOT cache";
  }

  @Override
  public Findings run(Bench bench) throws IOException, InterruptedException {
    BenchSettings settings = bench.settings();
    BenchModel model = settings.model().isPresent() ? settings.model().get() : BenchModel.demo();
    SequencedMap<String, Object> facts = new LinkedHashMap<>();
    facts.put("model", model.title());
    facts.put("cache", StartupCache.exists() ? "made by the build" : "missing: run ./sluice once");
    List<Double> with = new ArrayList<>();
    List<Double> without = new ArrayList<>();
    try (Deployment deployment = bench.prepare(name(), model, 1, Map.of());
        Requests requests = deployment.singleRequests(bench.byAddress(bench.images(IMAGES)));
        ResultsMeter results = deployment.results()) {
      // The first one finds files that nobody has read yet, and does not count.
      double _ = seconds(deployment, requests, results, List.of());
      for (int round = 1; round <= settings.rounds(); round++) {
        without.add(seconds(deployment, requests, results, List.of("-XX:AOTMode=off")));
        with.add(seconds(deployment, requests, results, List.of()));
        bench.tell(
            "%s: round %d: without cache %s s, with it %s s"
                .formatted(
                    name(), round, Text.number(without.getLast()), Text.number(with.getLast())));
      }
    }
    return new Findings(
        List.of(
            Row.figure(
                name(),
                "process start to first result, demo model",
                "s",
                new Samples(with),
                new Samples(without),
                "without the cache",
                new Target.AtMost(2.5),
                facts)),
        List.of());
  }

  private static double seconds(
      Deployment deployment, Requests requests, ResultsMeter results, List<String> options)
      throws InterruptedException {
    long from = results.count();
    requests.burst(1);
    long begun = System.nanoTime();
    deployment.launch(1, options, Map.of());
    ResultsMeter.Reading first = results.await(from + 1);
    double seconds = (first.nanos() - begun) / 1e9;
    deployment.drain();
    return seconds;
  }
}

package dev.sluice.tools.bench;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * One worker before which a million requests wait, against one before which a tenth as many do: the
 * others are the broker's, so that it is to be neither slower nor larger.
 */
final class Waiting implements Scenario {
  private static final BenchModel MODEL = BenchModel.simulated("{batch: 0ms}", "");
  private static final int IMAGE_BYTES = 900;
  private static final long FEW = 100_000;
  private static final long MANY = 1_000_000;
  private static final double MIB = 1 << 20;

  @Override
  public String name() {
    return "waiting";
  }

  @Override
  public String description() {
    return "one worker with 1 000 000 requests waiting, against one with 100 000";
  }

  private record Seen(ResultsMeter.Window window, double residentBytes) {}

  @Override
  public Findings run(Bench bench) throws IOException, InterruptedException {
    Seen few = seen(bench, FEW);
    Seen many = seen(bench, MANY);
    SequencedMap<String, Object> facts = new LinkedHashMap<>();
    facts.put("model", MODEL.title());
    facts.put("images", "JPEG of %d bytes within the request".formatted(IMAGE_BYTES));
    facts.put("jvm_options", String.join(" ", bench.settings().jvmOptions()));
    return new Findings(
        List.of(
            Row.ratio(
                name(),
                "1 KB requests, model that does nothing",
                "records/s",
                Samples.of(many.window().perSecond()),
                Samples.of(few.window().perSecond()),
                "with 100 000 waiting",
                new Target.None(),
                facts),
            Row.figure(
                name(),
                "resident memory when they are done",
                "MiB",
                Samples.of(many.residentBytes() / MIB),
                Samples.of(few.residentBytes() / MIB),
                "with 100 000 waiting",
                new Target.None(),
                new LinkedHashMap<>())),
        List.of());
  }

  private Seen seen(Bench bench, long waiting) throws IOException, InterruptedException {
    try (Deployment deployment =
            bench.prepare(name(), MODEL, bench.settings().partitions(), Map.of());
        Requests requests =
            deployment.requests(List.of(Requests.inline(Photographs.small(IMAGE_BYTES))), 5);
        ResultsMeter results = deployment.results()) {
      bench.tell("%s: sending %d requests".formatted(name(), waiting));
      requests.burst(waiting);
      deployment.launch(1, List.of(), Map.of());
      Seen seen = new Seen(results.afterWarmUp(waiting), deployment.residentBytes());
      deployment.requireNoFailures();
      bench.tell(
          "%s: %d: %s records/s, %s MiB"
              .formatted(
                  name(),
                  waiting,
                  Row.number(seen.window().perSecond()),
                  Row.number(seen.residentBytes() / MIB)));
      return seen;
    }
  }
}

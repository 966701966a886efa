package dev.sluice.tools.bench;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * One worker before which a million requests wait: while most of them do, against the end, when few
 * do. What waits is the broker's, so that the worker is to be neither slower nor larger for it.
 */
final class Waiting implements Scenario {
  private static final BenchModel MODEL = BenchModel.simulated("{batch: 0ms}", "");
  private static final int IMAGE_BYTES = 900;
  private static final long WAITING = 1_000_000;

  /** The first quarter is a new process's. */
  private static final List<Double> SHARES = List.of(0.25, 0.5, 0.75, 0.95);

  private static final double MIB = 1 << 20;

  @Override
  public String name() {
    return "waiting";
  }

  @Override
  public String description() {
    return "one worker while a million requests wait, against itself when few are left";
  }

  @Override
  public Findings run(Bench bench) throws IOException, InterruptedException {
    BenchSettings settings = bench.settings();
    try (Deployment deployment = bench.prepare(name(), MODEL, settings.partitions(), Map.of());
        Requests requests =
            deployment.requests(List.of(Requests.inline(Photographs.small(IMAGE_BYTES))));
        ResultsMeter results = deployment.results()) {
      bench.tell("%s: sending %d requests".formatted(name(), WAITING));
      requests.burst(WAITING);
      deployment.launch(1, List.of(), Map.of());
      List<ResultsMeter.Window> windows = results.between(WAITING, SHARES);
      double residentBytes = deployment.residentBytes();
      deployment.requireNoFailures();
      SequencedMap<String, Object> facts = new LinkedHashMap<>();
      facts.put("model", MODEL.title());
      facts.put("images", "JPEG of %d bytes within the request".formatted(IMAGE_BYTES));
      facts.put("resident_mib_at_the_end", residentBytes / MIB);
      facts.put("jvm_options", String.join(" ", settings.jvmOptions()));
      return new Findings(
          List.of(
              Row.ratio(
                  name(),
                  "1 KB requests, model that does nothing: 750 000 to 500 000 waiting",
                  "records/s",
                  Samples.of(windows.getFirst().perSecond()),
                  Samples.of(windows.getLast().perSecond()),
                  "250 000 to 50 000 waiting",
                  new Target.None(),
                  facts)),
          List.of());
    }
  }
}

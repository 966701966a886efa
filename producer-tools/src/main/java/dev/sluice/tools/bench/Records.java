package dev.sluice.tools.bench;

import dev.sluice.devstack.JavaProgram;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;

/**
 * What everything around the model costs: requests of 1 KB whose model does nothing, against a bare
 * loop that consumes, decodes the request, encodes an answer and produces it. Both work off the
 * same backlog from its beginning, each time in a new process whose first third does not count.
 */
final class Records implements Scenario {
  private static final int IMAGE_BYTES = 900;

  /**
   * More than either side does on two cores, so that a backlog lasts about as long as asked for.
   */
  private static final long PER_SECOND = 10_000;

  @Override
  public String name() {
    return "records";
  }

  @Override
  public String description() {
    return "records/s with a model that does nothing and 1 KB requests, against a bare Kafka loop";
  }

  @Override
  public Findings run(Bench bench) throws IOException, InterruptedException {
    BenchSettings settings = bench.settings();
    BenchModel model = BenchModel.simulated("{batch: 0ms}", "");
    byte[] image = Photographs.small(IMAGE_BYTES);
    List<ResultsMeter.Window> ours = new ArrayList<>();
    List<ResultsMeter.Window> theirs = new ArrayList<>();
    try (Deployment deployment = bench.prepare(name(), model, settings.partitions(), Map.of());
        Requests requests = deployment.requests(List.of(Requests.inline(image)), 5);
        ResultsMeter results = deployment.results()) {
      long count = PER_SECOND * settings.warmUp().plus(settings.duration()).toMillis() / 1000;
      bench.tell("%s: sending a backlog of %d requests".formatted(name(), count));
      requests.burst(count);
      for (int round = 1; round <= settings.rounds(); round++) {
        try (JavaProgram _ = bare(bench, deployment, round)) {
          theirs.add(results.afterWarmUp(count));
        }
        // By now the bare loop's last results are there, and what it leaves in its group is its
        // own.
        String group = "%s-%d".formatted(deployment.spec().name(), round);
        deployment.launch(settings.workers(), List.of(), Map.of("kafka.group_id", group));
        ours.add(results.afterWarmUp(count));
        deployment.requireNoFailures();
        deployment.drain();
        bench.tell(
            "%s: round %d: bare loop %s records/s, sluice %s"
                .formatted(
                    name(),
                    round,
                    Row.number(theirs.getLast().perSecond()),
                    Row.number(ours.getLast().perSecond())));
      }
    }
    SequencedMap<String, Object> facts = new LinkedHashMap<>();
    facts.put("model", model.title());
    facts.put(
        "images",
        "JPEG of %d bytes within the request; the bare loop does not decode it"
            .formatted(image.length));
    facts.put("bare_threads", 1);
    for (Usage.Part part :
        List.of(Usage.Part.WORKERS, Usage.Part.BARE, Usage.Part.BROKER, Usage.Part.DRIVER)) {
      String name = part.name().toLowerCase(Locale.ROOT);
      facts.put("cpu_us_per_record_sluice_run_" + name, cpuMicros(ours, part));
      facts.put("cpu_us_per_record_bare_run_" + name, cpuMicros(theirs, part));
    }
    return new Findings(
        List.of(
            Row.ratio(
                name(),
                "1 KB requests, model that does nothing",
                "records/s",
                new Samples(ours.stream().map(ResultsMeter.Window::perSecond).toList()),
                new Samples(theirs.stream().map(ResultsMeter.Window::perSecond).toList()),
                "bare consume-decode-encode-produce",
                new Target.AtLeast(0.6),
                facts)),
        List.of());
  }

  private static JavaProgram bare(Bench bench, Deployment deployment, int round) {
    List<String> options = new ArrayList<>(bench.settings().jvmOptions());
    options.add("--enable-native-access=ALL-UNNAMED");
    return JavaProgram.launch(
        "bare-records",
        options,
        BareRecordsMain.class.getName(),
        List.of(
            bench.bootstrapServers(),
            bench.registryUrl(),
            deployment.spec().requestsTopic(),
            deployment.spec().resultsTopic(),
            "%s-bare-%d".formatted(deployment.spec().name(), round)));
  }

  private static double cpuMicros(List<ResultsMeter.Window> windows, Usage.Part part) {
    return 1000
        * new Samples(windows.stream().map(window -> window.cpuMillis(part)).toList()).median();
  }
}

package dev.sluice.tools.bench;

import dev.sluice.devstack.JavaProgram;
import dev.sluice.tools.Text;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;

/**
 * What everything around the model costs: requests of 1 KB whose model does nothing, against a bare
 * loop that consumes, decodes the request and its image, encodes an answer and produces it, on as
 * many threads as there are processors; and against one that does not decode the image, on one
 * thread. All work off the same backlog from its beginning, each time in a new process whose first
 * third does not count.
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
    return "records/s with a model that does nothing and 1 KB requests, against bare Kafka loops";
  }

  @Override
  public Findings run(Bench bench) throws IOException, InterruptedException {
    BenchSettings settings = bench.settings();
    BenchModel model = BenchModel.simulated("{batch: 0ms}", "");
    byte[] image = Photographs.small(IMAGE_BYTES);
    List<ResultsMeter.Window> ours = new ArrayList<>();
    List<ResultsMeter.Window> decoding = new ArrayList<>();
    List<ResultsMeter.Window> passing = new ArrayList<>();
    int threads = Runtime.getRuntime().availableProcessors();
    try (Deployment deployment = bench.prepare(name(), model, settings.partitions(), Map.of());
        Requests requests = deployment.requests(List.of(Requests.inline(image)), 5);
        ResultsMeter results = deployment.results()) {
      long count = PER_SECOND * settings.warmUp().plus(settings.duration()).toMillis() / 1000;
      bench.tell("%s: sending a backlog of %d requests".formatted(name(), count));
      requests.burst(count);
      for (int round = 1; round <= settings.rounds(); round++) {
        long from = results.count();
        try (JavaProgram _ = bare(bench, deployment, "decoding-" + round, threads, true)) {
          decoding.add(results.afterWarmUp(from, from + count));
        }
        try (JavaProgram _ = bare(bench, deployment, "passing-" + round, 1, false)) {
          passing.add(results.afterWarmUp(from + count, from + 2 * count));
        }
        // By now the bare loops' last results are there, and what they leave in their groups is
        // their own.
        String group = "%s-%d".formatted(deployment.spec().name(), round);
        deployment.launch(settings.workers(), List.of(), Map.of("kafka.group_id", group));
        ours.add(results.afterWarmUp(from + 2 * count, from + 3 * count));
        deployment.requireNoFailures();
        deployment.drain();
        bench.tell(
            "%s: round %d: bare loop %s records/s, without decoding %s, sluice %s"
                .formatted(
                    name(),
                    round,
                    Text.number(decoding.getLast().perSecond()),
                    Text.number(passing.getLast().perSecond()),
                    Text.number(ours.getLast().perSecond())));
      }
    }
    SequencedMap<String, Object> facts = new LinkedHashMap<>();
    facts.put("model", model.title());
    facts.put("images", "JPEG of %d bytes within the request".formatted(image.length));
    facts.put("bare_threads", threads);
    facts.put("jvm_options", String.join(" ", settings.jvmOptions()));
    SequencedMap<String, Object> passed = new LinkedHashMap<>();
    passed.put("images", "not decoded by the bare loop, decoded by the worker");
    passed.put("bare_threads", 1);
    for (Usage.Part part :
        List.of(Usage.Part.WORKERS, Usage.Part.BARE, Usage.Part.BROKER, Usage.Part.DRIVER)) {
      String name = part.name().toLowerCase(Locale.ROOT);
      facts.put("cpu_us_per_record_sluice_run_" + name, cpuMicros(ours, part));
      facts.put("cpu_us_per_record_bare_run_" + name, cpuMicros(decoding, part));
      passed.put("cpu_us_per_record_bare_run_" + name, cpuMicros(passing, part));
    }
    return new Findings(
        List.of(
            row(
                "1 KB requests, model that does nothing",
                ours,
                decoding,
                "bare consume-decode-encode-produce",
                facts),
            row(
                "1 KB requests, the bare loop decodes no image",
                ours,
                passing,
                "bare consume-encode-produce",
                passed)),
        List.of());
  }

  private Row row(
      String what,
      List<ResultsMeter.Window> ours,
      List<ResultsMeter.Window> theirs,
      String theirName,
      SequencedMap<String, Object> facts) {
    return Row.ratio(
        name(),
        what,
        "records/s",
        new Samples(ours.stream().map(ResultsMeter.Window::perSecond).toList()),
        new Samples(theirs.stream().map(ResultsMeter.Window::perSecond).toList()),
        theirName,
        new Target.AtLeast(0.6),
        facts);
  }

  private static JavaProgram bare(
      Bench bench, Deployment deployment, String name, int threads, boolean decodes) {
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
            "%s-bare-%s".formatted(deployment.spec().name(), name),
            String.valueOf(threads),
            String.valueOf(decodes)));
  }

  private static double cpuMicros(List<ResultsMeter.Window> windows, Usage.Part part) {
    return 1000
        * new Samples(windows.stream().map(window -> window.cpuMillis(part)).toList()).median();
  }
}

package dev.sluice.tools.bench;

import dev.sluice.devstack.JavaProgram;
import dev.sluice.tools.Text;
import java.io.IOException;
import java.time.Duration;
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
 * thread. All work off the same backlog from its beginning, each time in a new process that is
 * measured once its compilers rest.
 */
final class Records implements Scenario {
  private static final int IMAGE_BYTES = 900;

  /**
   * About what the slower side does on two cores, so that nothing lasts much longer than asked for.
   */
  private static final long PER_SECOND = 20_000;

  /**
   * Added to what is waited for, so that no side comes to the end of the backlog: between two looks
   * at the results the fastest does ten thousand more than it was waited for, at each step.
   */
  private static final Duration MARGIN = Duration.ofSeconds(10);

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
    List<Measured> ours = new ArrayList<>();
    List<Measured> decoding = new ArrayList<>();
    List<Measured> passing = new ArrayList<>();
    int threads = Runtime.getRuntime().availableProcessors();
    try (Deployment deployment = bench.prepare(name(), model, settings.partitions(), Map.of());
        Requests requests = deployment.requests(List.of(Requests.inline(image)));
        ResultsMeter results = deployment.results()) {
      long count = records(settings.warmUp()) + records(settings.duration()) + records(MARGIN);
      bench.tell("%s: sending a backlog of %d requests".formatted(name(), count));
      requests.burst(count);
      for (int round = 1; round <= settings.rounds(); round++) {
        try (JavaProgram _ = bare(bench, deployment, "decoding-" + round, threads, true)) {
          decoding.add(measure(bench, results));
        }
        try (JavaProgram _ = bare(bench, deployment, "passing-" + round, 1, false)) {
          passing.add(measure(bench, results));
        }
        // The others are gone, and what they leave in their groups is their own.
        String group = "%s-%d".formatted(deployment.spec().name(), round);
        deployment.launch(settings.workers(), List.of(), Map.of("kafka.group_id", group));
        ours.add(measure(bench, results));
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
    facts.put("compilers_share_of_cpu_sluice_run", compilersShare(ours));
    facts.put("compilers_share_of_cpu_bare_run", compilersShare(decoding));
    passed.put("compilers_share_of_cpu_bare_run", compilersShare(passing));
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

  /**
   * One side of a round.
   *
   * @param compilersShare of the processor time meanwhile
   */
  private record Measured(ResultsMeter.Window window, double compilersShare) {
    double perSecond() {
      return window.perSecond();
    }
  }

  /** What the one side that runs does once its compilers rest; however short, once it works. */
  private Measured measure(Bench bench, ResultsMeter results) throws InterruptedException {
    ResultsMeter.Reading _ =
        WarmUp.within(bench, name())
            .run(step -> results.await(results.count() + 1 + records(step)));
    WarmUp.Spent before = WarmUp.Spent.now();
    ResultsMeter.Window window =
        results.between(records(bench.settings().duration()), List.of(0.0, 1.0)).getFirst();
    return new Measured(window, WarmUp.Spent.now().compilersShareSince(before));
  }

  private static long records(Duration duration) {
    return PER_SECOND * duration.toMillis() / 1000;
  }

  private Row row(
      String what,
      List<Measured> ours,
      List<Measured> theirs,
      String theirName,
      SequencedMap<String, Object> facts) {
    return Row.ratio(
        name(),
        what,
        "records/s",
        new Samples(ours.stream().map(Measured::perSecond).toList()),
        new Samples(theirs.stream().map(Measured::perSecond).toList()),
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

  private static double compilersShare(List<Measured> side) {
    return new Samples(side.stream().map(Measured::compilersShare).toList()).median();
  }

  private static double cpuMicros(List<Measured> windows, Usage.Part part) {
    return 1000
        * new Samples(windows.stream().map(each -> each.window().cpuMillis(part)).toList())
            .median();
  }
}

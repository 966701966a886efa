package dev.sluice.tools.bench;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.sluice.devstack.ServerException;
import dev.sluice.tools.Text;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * What it costs one worker to hold ten thousand partitions, half of requests and half of retries,
 * against a few: its start, its throughput with a model that does nothing, its memory, and the
 * processor time that it needs to do nothing.
 */
final class Partitions implements Scenario {
  private static final BenchModel MODEL = BenchModel.simulated("{batch: 0ms}", "");
  private static final int IMAGE_BYTES = 900;
  private static final int FEW = 8;
  private static final int MANY = 10_000;
  private static final int OF_RESULTS = 2;
  private static final long PER_SECOND = 10_000;
  private static final double MIB = 1 << 20;

  /** The broker keeps a few files of each partition open. */
  private static final long OPEN_FILES = 2L * MANY;

  @Override
  public String name() {
    return "partitions";
  }

  @Override
  public String description() {
    return "one worker that holds 10 000 partitions, against one that holds 8";
  }

  /**
   * What was seen of one worker.
   *
   * @param first seconds from its start to its first result
   * @param idleCores processor time in a second while there is nothing to do
   */
  private record Seen(
      double first, ResultsMeter.Window window, double residentBytes, double idleCores) {}

  @Override
  public Findings run(Bench bench) throws IOException, InterruptedException {
    requireOpenFiles();
    Seen few = seen(bench, FEW);
    Seen many = seen(bench, MANY);
    SequencedMap<String, Object> facts = new LinkedHashMap<>();
    facts.put("model", MODEL.title());
    facts.put("images", "JPEG of %d bytes within the request".formatted(IMAGE_BYTES));
    facts.put("cpu_us_per_record", 1000 * many.window().cpuMillis(Usage.Part.WORKERS));
    facts.put("cpu_us_per_record_with_8", 1000 * few.window().cpuMillis(Usage.Part.WORKERS));
    facts.put("cpu_us_per_record_of_the_broker", 1000 * many.window().cpuMillis(Usage.Part.BROKER));
    facts.put(
        "cpu_us_per_record_of_the_broker_with_8", 1000 * few.window().cpuMillis(Usage.Part.BROKER));
    return new Findings(
        List.of(
            Row.ratio(
                name(),
                "1 KB requests, model that does nothing",
                "records/s",
                Samples.of(many.window().perSecond()),
                Samples.of(few.window().perSecond()),
                "with 8",
                new Target.None(),
                facts),
            figure("process start to first result", "s", many.first(), few.first()),
            figure(
                "resident memory after that",
                "MiB",
                many.residentBytes() / MIB,
                few.residentBytes() / MIB),
            figure(
                "processor time with nothing to do", "cores", many.idleCores(), few.idleCores())),
        List.of());
  }

  /** The broker inherits this process's limit. */
  private static void requireOpenFiles() {
    long allowed =
        ManagementFactory.getPlatformMXBean(UnixOperatingSystemMXBean.class)
            .getMaxFileDescriptorCount();
    if (allowed < OPEN_FILES) {
      throw new ServerException(
          ("partitions: the broker needs up to %d open files for %d partitions, and %d are allowed:"
                  + " raise the limit (ulimit -n %d)")
              .formatted(OPEN_FILES, MANY, allowed, OPEN_FILES));
    }
  }

  private Row figure(String what, String unit, double many, double few) {
    return Row.figure(
        name(),
        what,
        unit,
        Samples.of(many),
        Samples.of(few),
        "with 8",
        new Target.None(),
        new LinkedHashMap<>());
  }

  private Seen seen(Bench bench, int assigned) throws IOException, InterruptedException {
    BenchSettings settings = bench.settings();
    try (Deployment deployment = bench.prepare(name(), MODEL, OF_RESULTS, Map.of())) {
      deployment.widen(assigned / 2);
      try (Requests requests =
              deployment.requests(List.of(Requests.inline(Photographs.small(IMAGE_BYTES))));
          ResultsMeter results = deployment.results()) {
        long count = PER_SECOND * settings.warmUp().plus(settings.duration()).toMillis() / 1000;
        bench.tell("%s: %d: sending a backlog of %d requests".formatted(name(), assigned, count));
        requests.burst(count);
        long begun = System.nanoTime();
        deployment.launch(1, List.of(), Map.of());
        double first = (results.await(1).nanos() - begun) / 1e9;
        ResultsMeter.Window window = results.afterWarmUp(0, count);
        double residentBytes = deployment.residentBytes();
        deployment.requireNoFailures();
        Seen seen = new Seen(first, window, residentBytes, idleCores(bench));
        bench.tell(
            "%s: %d: first result after %s s, %s records/s, %s MiB, idle %s cores"
                .formatted(
                    name(),
                    assigned,
                    Text.number(first),
                    Text.number(window.perSecond()),
                    Text.number(residentBytes / MIB),
                    Text.number(seen.idleCores())));
        return seen;
      }
    }
  }

  private static double idleCores(Bench bench) throws InterruptedException {
    long begun = System.nanoTime();
    Usage before = Usage.now();
    Thread.sleep(bench.settings().duration());
    return Usage.now().since(before).of(Usage.Part.WORKERS) / ((System.nanoTime() - begun) / 1e9);
  }
}

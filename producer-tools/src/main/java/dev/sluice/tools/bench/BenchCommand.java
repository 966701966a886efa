package dev.sluice.tools.bench;

import dev.sluice.devstack.ServerException;
import dev.sluice.tools.CommandException;
import dev.sluice.tools.Durations;
import dev.sluice.tools.ExitCode;
import dev.sluice.tools.OutputOptions;
import dev.sluice.tools.local.StartupCache;
import dev.sluice.tools.local.StopSwitch;
import dev.sluice.tools.local.Stopwatch;
import dev.sluice.tools.report.Plot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sluice bench}. */
@Command(
    name = "bench",
    description = {
      "Measure on this machine what a worker reaches of what the hardware gives: real Kafka, real"
          + " photographs, and both sides of each ratio in turns in one run.",
      "Without a scenario the whole table is measured. docs/performance.md says what each row"
          + " means. Every process runs on this machine and shares its cores; do nothing else on"
          + " it meanwhile."
    },
    footer = {
      "",
      "Exit code 1 when a scenario could not be measured. A target that is missed is no failure,"
          + " since the machine may be busy; with --strict it is."
    })
public final class BenchCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "SCENARIO",
      description = "What to measure; see --list (default: everything of the table).")
  private List<String> names = List.of();

  @Option(names = "--list", description = "Print the scenarios and end.")
  private boolean list;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "5",
      description = "How often each side is measured, in turns (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Option(
      names = "--duration",
      paramLabel = "DURATION",
      defaultValue = "10s",
      converter = Durations.class,
      description = "Of each measurement, roughly (default: ${DEFAULT-VALUE}).")
  private Duration duration = Duration.ZERO;

  @Option(
      names = "--warm-up",
      paramLabel = "DURATION",
      defaultValue = "60s",
      converter = Durations.class,
      description =
          "Of each process before it is measured (default: ${DEFAULT-VALUE}). The rows of"
              + " throughput and load go on, up to five times as long, until compilers take 3 % of"
              + " the processor time at most; those of records, whose processes are new in each"
              + " round, end as soon as they do.")
  private Duration warmUp = Duration.ZERO;

  @Option(
      names = "--workers",
      paramLabel = "N",
      defaultValue = "1",
      description = "How many workers (default: ${DEFAULT-VALUE}).")
  private int workers;

  @Option(
      names = "--partitions",
      paramLabel = "N",
      defaultValue = "4",
      description = "Partitions of the topics (default: ${DEFAULT-VALUE}).")
  private int partitions;

  @Option(
      names = "--images",
      paramLabel = "DIR",
      description = "Send the images of this folder instead of the scenario's own.")
  private List<Path> images = List.of();

  @Option(
      names = "--model",
      paramLabel = "PATH",
      description =
          "Run this ONNX file instead of the scenario's own model; or a model's folder with a"
              + " model.yaml, where the file does not say what it takes (docs/models.md).")
  private List<Path> models = List.of();

  @Option(
      names = "--task",
      paramLabel = "TASK",
      defaultValue = "",
      description =
          "What the file of --model does: classification, detection, embedding or tensors (default:"
              + " what its metadata says).")
  private String task = "";

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "Requests in a second, where a scenario would find a rate by itself.")
  private List<Double> rates = List.of();

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      description = "Where the model runs: models.device of the worker.")
  private List<String> devices = List.of();

  @Option(
      names = "--instances",
      paramLabel = "N",
      description = "Lanes of the model: models.instances of the worker.")
  private List<String> instances = List.of();

  @Option(
      names = "--max-batch-size",
      paramLabel = "N",
      description = "The largest batch: models.max_batch_size of the worker.")
  private List<String> maxBatchSizes = List.of();

  @Option(
      names = "--max-queue-delay",
      paramLabel = "DURATION",
      description = "How long an image may wait for others: models.max_queue_delay of the worker.")
  private List<String> maxQueueDelays = List.of();

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Any other setting of the workers and of the bare loop. Repeatable.")
  private Map<String, String> settings = new LinkedHashMap<>();

  @Option(
      names = "--jvm-option",
      paramLabel = "OPTION",
      description =
          "An option of the JVM of the workers and of the bare loop, such as -XX:+UseParallelGC"
              + " (default: -Xmx512m). Repeatable.")
  private List<String> jvmOptions = List.of("-Xmx512m");

  @Option(
      names = "--seed",
      paramLabel = "N",
      description =
          "Of what is left to chance: when requests are sent (default: a new one," + " printed).")
  private List<Long> seeds = List.of();

  @Option(
      names = "--report",
      paramLabel = "FILE",
      description = "Write an HTML page with plots here, which needs nothing else.")
  private List<Path> reports = List.of();

  @Option(names = "--strict", description = "Exit code 1 when a target is missed.")
  private boolean strict;

  @Mixin private OutputOptions output;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (list) {
      all()
          .forEach(scenario ->
              output.text("%-26s %s".formatted(scenario.name(), scenario.description())));
      return ExitCode.DONE;
    }
    List<Scenario> chosen = chosen();
    BenchSettings bench = settings();
    Machine machine = Machine.now();
    Stopwatch stopwatch = new Stopwatch(System::nanoTime, output::progress);
    StopSwitch stop = StopSwitch.install(ExitCode.FAILED, stopwatch::tell);
    stopwatch.tell(machine.text());
    stopwatch.tell("seed " + bench.seed());
    List<Row> rows = new ArrayList<>();
    List<Plot> plots = new ArrayList<>();
    List<String> failed = new ArrayList<>();
    try (Bench running = Bench.start(bench, StartupCache.asLaunched(jvmOptions), stopwatch::tell)) {
      for (Scenario scenario : chosen) {
        stopwatch.tell(scenario.name() + ": " + scenario.description());
        try {
          Scenario.Findings findings = scenario.run(running);
          rows.addAll(findings.rows());
          plots.addAll(findings.plots());
        } catch (ServerException | KafkaException e) {
          if (stop.endsAtOnce()) {
            return ExitCode.FAILED;
          }
          // What the others have found so far is not thrown away for it.
          failed.add(scenario.name());
          tellAll(e);
        }
      }
    } catch (RuntimeException e) {
      if (stop.endsAtOnce()) {
        return ExitCode.FAILED;
      }
      if (e instanceof ServerException) {
        tellAll(e);
        return ExitCode.FAILED;
      }
      throw e;
    }
    print(machine, bench, rows, plots);
    for (Path report : reports) {
      Files.writeString(
          report, BenchPage.render(Instant.now(), machine, bench.seed(), rows, plots));
      output.progress("The plots: " + report.toAbsolutePath().toUri());
    }
    failed.forEach(name -> output.progress(name + " failed and is not in the table; see above"));
    boolean missed = rows.stream().anyMatch(row -> !row.reached());
    return !failed.isEmpty() || (strict && missed) ? ExitCode.FAILED : ExitCode.DONE;
  }

  /** Holds the end of a log: one line would not do. */
  private void tellAll(RuntimeException e) {
    String.valueOf(e.getMessage()).lines().forEach(output::progress);
  }

  private void print(Machine machine, BenchSettings bench, List<Row> rows, List<Plot> plots) {
    if (output.json()) {
      output.json(BenchReport.of(machine, bench.seed(), rows, plots));
      return;
    }
    output.text(machine.text());
    output.text("");
    output.table(BenchReport.table(rows));
    for (Row row : rows) {
      output.text("");
      output.text(row.scenario() + ": " + row.what());
      row.remarks().forEach(remark -> output.text("  " + remark));
    }
  }

  private static List<Scenario> all() {
    return Stream.concat(Scenarios.ALL.stream(), Scenarios.WHEN_NAMED.stream()).toList();
  }

  private List<Scenario> chosen() {
    if (names.isEmpty()) {
      return Scenarios.ALL;
    }
    return names.stream()
        .map(name ->
            all().stream()
                .filter(scenario -> scenario.name().equals(name))
                .findFirst()
                .orElseThrow(() ->
                    CommandException.usage(
                        "there is no scenario '%s'; there are %s"
                            .formatted(
                                name,
                                String.join(", ", all().stream().map(Scenario::name).toList())))))
        .toList();
  }

  private BenchSettings settings() throws IOException {
    check(rounds >= 1, "--rounds must be at least 1");
    check(duration.isPositive(), "--duration must be positive");
    check(workers >= 1, "--workers must be at least 1");
    check(partitions >= 1, "--partitions must be at least 1");
    check(rates.stream().allMatch(rate -> rate > 0), "--rate must be above 0");
    check(images.stream().allMatch(Files::isDirectory), "--images is a folder");
    for (Path report : reports) {
      Path folder = report.toAbsolutePath().getParent();
      check(
          folder != null && Files.isWritable(folder) && !Files.isDirectory(report),
          "--report " + report + " is not a place where a file can be written");
    }
    check(task.isEmpty() || !models.isEmpty(), "--task says what --model does; there is none");
    Map<String, String> workerSettings = new LinkedHashMap<>();
    devices.forEach(device -> workerSettings.put("models.device", device));
    instances.forEach(count -> workerSettings.put("models.instances", count));
    maxBatchSizes.forEach(size -> workerSettings.put("models.max_batch_size", size));
    maxQueueDelays.forEach(delay -> workerSettings.put("models.max_queue_delay", delay));
    workerSettings.putAll(settings);
    return new BenchSettings(
        rounds,
        duration,
        warmUp,
        workers,
        partitions,
        images.isEmpty() ? Optional.empty() : Optional.of(images.getLast()),
        models.isEmpty() ? Optional.empty() : Optional.of(BenchModel.own(models.getLast(), task)),
        rates.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(rates.getLast()),
        workerSettings,
        jvmOptions,
        seeds.isEmpty() ? new SplittableRandom().nextLong(1_000_000_000) : seeds.getLast());
  }

  private static void check(boolean condition, String otherwise) {
    if (!condition) {
      throw CommandException.usage(otherwise);
    }
  }
}

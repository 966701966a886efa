package dev.sluice.tools.soak;

import dev.sluice.devstack.Scratch;
import dev.sluice.devstack.ServerException;
import dev.sluice.tools.CommandException;
import dev.sluice.tools.Durations;
import dev.sluice.tools.ExitCode;
import dev.sluice.tools.OutputOptions;
import dev.sluice.tools.local.StartupCache;
import dev.sluice.tools.local.StopSwitch;
import dev.sluice.tools.local.Stopwatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sluice soak}. */
@Command(
    name = "soak",
    description = {
      "Prove on this machine that nothing is lost: run brokers, registry, image server and workers,"
          + " send requests, inject faults from a seeded schedule, account for every request.",
      "Workers are killed, terminated, stopped and added, brokers restarted and killed (never more"
          + " than one at a time), the registry and the image store are away for a while. Among the"
          + " requests are ones that must fail; each request knows how it must end.",
      "Halfway through, images that were absent are put in place and the dead letters of"
          + " IMAGE_NOT_FOUND are sent again (dlt replay): each must be answered once more."
    },
    footer = {
      "",
      "Exit code 1 when a request is missing, ended in another way than it must, or failed without"
          + " a dead letter; with --delivery exactly-once also when a read_committed reader sees a"
          + " result twice, with --ordering key when the results of a key are out of order."
          + " Ctrl-C stops everything and still prints the table."
    })
public final class SoakCommand implements Callable<Integer> {
  private static final int DEFAULT_RATE = 200;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description =
          "Decides which requests are sent and which fault comes when (default: a new one,"
              + " printed).")
  private List<Long> seeds = List.of();

  @Option(
      names = "--duration",
      paramLabel = "DURATION",
      defaultValue = "100s",
      converter = Durations.class,
      description = "How long faults are injected (default: ${DEFAULT-VALUE}).")
  private Duration duration = Duration.ZERO;

  @Option(
      names = "--requests",
      paramLabel = "N",
      description =
          "How many requests are sent (default: the duration at the rate). More good ones follow to"
              + " keep them company while the last of them wait.")
  private List<Integer> requests = List.of();

  @Option(
      names = "--rate",
      paramLabel = "N",
      description =
          "Requests sent in a second (default: "
              + DEFAULT_RATE
              + ", or --requests over the duration).")
  private List<Double> rates = List.of();

  @Option(
      names = "--faults",
      paramLabel = "N",
      description =
          "How many faults are injected, even if that takes longer (default: one every three"
              + " seconds).")
  private List<Integer> faults = List.of();

  @Option(
      names = "--kinds",
      paramLabel = "KIND",
      split = ",",
      description = "Kinds of faults to choose from: ${COMPLETION-CANDIDATES} (default: all).")
  private Set<FaultKind> kinds = EnumSet.allOf(FaultKind.class);

  @Option(
      names = "--workers",
      paramLabel = "N",
      defaultValue = "4",
      description = "How many workers (default: ${DEFAULT-VALUE}).")
  private int workers;

  @Option(
      names = "--brokers",
      paramLabel = "N",
      defaultValue = "3",
      description = "How many brokers: 1 or 3 (default: ${DEFAULT-VALUE}).")
  private int brokers;

  @Option(
      names = "--partitions",
      paramLabel = "N",
      defaultValue = "8",
      description = "Partitions of each topic (default: ${DEFAULT-VALUE}).")
  private int partitions;

  @Option(
      names = "--delivery",
      paramLabel = "DELIVERY",
      defaultValue = "at-least-once",
      description = "The workers' delivery, or exactly-once (default: ${DEFAULT-VALUE}).")
  private String delivery = "";

  @Option(
      names = "--ordering",
      paramLabel = "ORDERING",
      defaultValue = "none",
      description = "The workers' ordering, or key (default: ${DEFAULT-VALUE}).")
  private String ordering = "";

  @Option(
      names = "--protocol",
      paramLabel = "PROTOCOL",
      defaultValue = "consumer",
      description = "The workers' group.protocol, or classic (default: ${DEFAULT-VALUE}).")
  private String protocol = "";

  @Option(
      names = "--retries",
      paramLabel = "DELAY",
      split = ",",
      defaultValue = "1s,3s,8s",
      description = "The workers' topics.retries (default: ${DEFAULT-VALUE}).")
  private List<String> retries = List.of();

  @Option(
      names = "--patience",
      paramLabel = "DURATION",
      defaultValue = "60s",
      converter = Durations.class,
      description =
          "How long nothing may end after the last fault before what is outstanding counts as"
              + " missing (default: ${DEFAULT-VALUE}).")
  private Duration patience = Duration.ZERO;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "A setting for the workers, as in docs/configuration.md. Repeatable.")
  private Map<String, String> settings = new LinkedHashMap<>();

  @Option(
      names = "--jvm-option",
      paramLabel = "OPTION",
      description =
          "An option of the workers' JVM, such as -Xmx512m. With one or more of them the workers"
              + " compile fully and start from the AOT cache, as ./sluice worker does (default: a"
              + " small heap and the quick compiler alone, so that four of them start soon)."
              + " Repeatable.")
  private List<String> jvmOptions = List.of();

  @Option(
      names = "--keep-logs",
      paramLabel = "DIR",
      description =
          "Keep the workers' logs, those of their collectors, their memory over time (memory.csv,"
              + " memory.html) and all that was told here (soak.log) in this folder.")
  private List<Path> keepLogs = List.of();

  @Option(
      names = "--pretend",
      paramLabel = "N",
      hidden = true,
      defaultValue = "0",
      description = "Says of so many requests that they were sent and does not send them.")
  private int pretend;

  @Option(
      names = "--repeat",
      paramLabel = "N",
      hidden = true,
      defaultValue = "0",
      description = "Sends so many requests twice.")
  private int repeat;

  @Mixin private OutputOptions output;

  @Override
  public Integer call() throws IOException, InterruptedException {
    long seed = seeds.isEmpty() ? new SplittableRandom().nextLong(1_000_000_000) : seeds.getLast();
    try (Scratch scratch = Scratch.create("soak-logs")) {
      Path logs =
          keepLogs.isEmpty()
              ? scratch.folder()
              : Files.createDirectories(keepLogs.getLast()).toRealPath();
      return run(settings(seed, logs));
    }
  }

  private int run(SoakSettings soak) throws IOException, InterruptedException {
    try (EventLog events = new EventLog(soak.logs().resolve("soak.log"), output::progress)) {
      Stopwatch stopwatch = new Stopwatch(System::nanoTime, events::tell);
      StopSwitch stop = StopSwitch.install(ExitCode.FAILED, stopwatch::tell);
      tellPlan(soak, stopwatch);
      try {
        SoakReport report = new Soak(soak, stopwatch::tell).run(stop);
        stopwatch.tell("everything is stopped");
        report.examples().forEach(events::tell);
        List<String> defects = report.defects();
        defects.forEach(defect -> events.tell("DEFECT: " + defect));
        if (output.json()) {
          output.json(report.json());
        } else {
          output.table(report.table());
        }
        return defects.isEmpty() ? ExitCode.DONE : ExitCode.FAILED;
      } catch (ServerException e) {
        if (!stop.endsAtOnce()) {
          // Holds the end of a log: one line would not do.
          String.valueOf(e.getMessage()).lines().forEach(events::tell);
        }
        return ExitCode.FAILED;
      }
    }
  }

  private static void tellPlan(SoakSettings soak, Stopwatch stopwatch) {
    stopwatch.tell("seed " + soak.seed());
    Schedule schedule = Schedule.of(soak.seed(), soak.limits());
    for (Schedule.TimedFault timed : schedule.faults()) {
      stopwatch.tell(
          "planned: after %.1f s %s".formatted(timed.at().toMillis() / 1000.0, timed.fault()));
    }
  }

  private SoakSettings settings(long seed, Path logs) {
    check(duration.isPositive(), "--duration must be positive");
    check(brokers == 1 || brokers == 3, "--brokers must be 1 or 3");
    check(workers >= 1, "--workers must be at least 1");
    check(partitions >= 1, "--partitions must be at least 1");
    check(rates.isEmpty() || rates.getLast() > 0, "--rate must be above 0");
    check(requests.isEmpty() || requests.getLast() > 0, "--requests must be at least 1");
    check(faults.isEmpty() || faults.getLast() >= 0, "--faults must not be negative");
    check(Set.of("consumer", "classic").contains(protocol), "--protocol is consumer or classic");
    double seconds = duration.toMillis() / 1000.0;
    double rate =
        !rates.isEmpty()
            ? rates.getLast()
            : requests.isEmpty() ? DEFAULT_RATE : requests.getLast() / seconds;
    int count = requests.isEmpty() ? (int) Math.ceil(rate * seconds) : requests.getLast();
    int faultCount = faults.isEmpty() ? (int) (seconds / 3) : faults.getLast();
    return new SoakSettings(
        seed,
        new Schedule.Limits(duration, faultCount, workers, brokers, kinds),
        count,
        rate,
        partitions,
        delivery,
        ordering,
        protocol,
        new ArrayList<>(retries),
        settings,
        jvmOptions.isEmpty() ? Fleet.SMALL : StartupCache.asLaunched(jvmOptions),
        patience,
        logs,
        new VerifiableProducer.Sabotage(pretend, repeat));
  }

  private static void check(boolean condition, String otherwise) {
    if (!condition) {
      throw CommandException.usage(otherwise);
    }
  }
}

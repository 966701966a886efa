package dev.sluice.system;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.devstack.KafkaCluster;
import dev.sluice.devstack.KafkaSettings;
import dev.sluice.devstack.SchemaRegistry;
import dev.sluice.devstack.junit.FreshNames;
import dev.sluice.devstack.junit.WithDevstack;
import dev.sluice.tools.local.WorkerProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A fifth worker joins four under load: for how long does each partition stand still? Not a test:
 * its name keeps it out of the test command. docs/decisions/rebalance.md says how to run it and
 * what it printed.
 *
 * <p>Each partition is offered a request every {@link #BETWEEN}. Its pause is the longest time
 * between two results of it that follow each other, as the workers' producer dated them. Three
 * pauses are told: of the time before the fifth worker is launched, which is the noise of the
 * machine; of the time in which it starts, which is its JVM taking the processor away from the
 * others; and of the time from when it asks to join the group.
 */
@WithDevstack
class RebalancePauseMeasurement {
  private static final int WORKERS = 4;
  private static final int PARTITIONS = 20;
  private static final int ROUNDS = Integer.getInteger("rounds", 3);
  private static final Duration BETWEEN = Duration.ofMillis(40);
  private static final Duration WARM_UP = Duration.ofSeconds(5);
  private static final Duration STEADY = Duration.ofSeconds(8);
  private static final Duration AFTER = Duration.ofSeconds(8);
  private static final String FIFTH = "fifth";

  @TempDir private Path folder;

  private final SchemaRegistry registry;
  private final FreshNames names;

  RebalancePauseMeasurement(SchemaRegistry registry, FreshNames names) {
    this.registry = registry;
    this.names = names;
  }

  /** The pauses of a round in milliseconds; of several partitions the median and the longest. */
  private record Pauses(
      RebalanceIT.Protocol protocol,
      Pause steady,
      Pause starting,
      Pause staying,
      Pause moving,
      int moved,
      long untilSettled,
      int duplicates) {
    String row(String round) {
      return "%-9s %-6s %15s %15s %15s %15s %6d %12d %10d"
          .formatted(
              protocol, round, steady, starting, staying, moving, moved, untilSettled, duplicates);
    }
  }

  private record Pause(long median, long longest) {
    static Pause of(List<Long> gaps) {
      return new Pause(middle(gaps), gaps.stream().mapToLong(gap -> gap).max().orElse(0));
    }

    @Override
    public String toString() {
      return median + " / " + longest;
    }
  }

  @Test
  void aFifthWorkerJoinsFour() {
    assertThat(Models.create(folder.resolve("models")).repository()).isDirectory();
    List<Pauses> all = new ArrayList<>();
    try (KafkaCluster kafka =
        KafkaCluster.launch(new KafkaSettings(1, 0, KafkaSettings.Tuning.THROUGHPUT))) {
      for (int round = 0; round < ROUNDS; round++) {
        for (RebalanceIT.Protocol protocol : RebalanceIT.Protocol.values()) {
          all.add(round(kafka, protocol, round));
        }
      }
    }
    System.out.printf(
        "%d workers, %d partitions, one request every %d ms in each (%d a second); ms, median /"
            + " longest of the partitions%n",
        WORKERS, PARTITIONS, BETWEEN.toMillis(), PARTITIONS * 1000 / BETWEEN.toMillis());
    System.out.printf(
        "%-9s %-6s %15s %15s %15s %15s %6s %12s %10s%n",
        "protocol",
        "round",
        "steady",
        "fifth starts",
        "join: staying",
        "join: moving",
        "moved",
        "settled in",
        "duplicates");
    Map<RebalanceIT.Protocol, List<Pauses>> byProtocol =
        all.stream()
            .collect(Collectors.groupingBy(Pauses::protocol, TreeMap::new, Collectors.toList()));
    byProtocol.forEach((protocol, rounds) -> {
      for (int i = 0; i < rounds.size(); i++) {
        System.out.println(rounds.get(i).row(String.valueOf(i + 1)));
      }
      System.out.println(median(protocol, rounds).row("median"));
    });
  }

  private Pauses round(KafkaCluster kafka, RebalanceIT.Protocol protocol, int round) {
    Pipeline pipeline = Pipeline.create(kafka, registry, names, PARTITIONS);
    Map<String, String> settings = pipeline.settings(new Models(folder.resolve("models")));
    settings.putAll(protocol.settings("10000"));
    List<WorkerProcess> workers = new ArrayList<>();
    try (Requests requests = new Requests(pipeline);
        ResultsReader results = new ResultsReader(pipeline)) {
      for (int i = 0; i < WORKERS; i++) {
        workers.add(WorkerProcess.launch(protocol + "-" + round + "-" + i, folder, settings));
      }
      Members.awaitPartitions(PARTITIONS / WORKERS, workers.toArray(WorkerProcess[]::new));

      Load load = new Load(requests);
      Thread offering = Thread.ofPlatform().start(load);
      pass(WARM_UP);
      long steadyFrom = System.currentTimeMillis();
      pass(STEADY);
      long launched = System.currentTimeMillis();
      WorkerProcess fifth =
          WorkerProcess.launch(FIFTH + "-" + protocol + "-" + round, folder, settings);
      workers.add(fifth);
      Members.awaitPartitions(PARTITIONS / (WORKERS + 1), fifth);
      pass(AFTER);
      int sent = load.stop(offering);
      results.awaitAnswered(sent, Scene.LIMIT);
      results.readToEnd();

      // The line that a worker logs just before it asks to join its group.
      long joining = said(fifth, " serves ").toEpochMilli();
      long settled =
          Members.changes(fifth).stream()
              .map(Members.Change::at)
              .mapToLong(Instant::toEpochMilli)
              .max()
              .orElseThrow();
      Timeline timeline = new Timeline(results);
      List<Integer> everyone = IntStream.range(0, PARTITIONS).boxed().toList();
      // Not only to the fifth worker: an assignor may move partitions among the others, too.
      List<Integer> moving =
          everyone.stream().filter(partition -> timeline.workers(partition, joining) > 1).toList();
      List<Integer> staying = new ArrayList<>(everyone);
      staying.removeAll(moving);
      assertThat(moving)
          .as("partitions that moved")
          .hasSizeGreaterThanOrEqualTo(PARTITIONS / (WORKERS + 1));
      long end = settled + AFTER.toMillis();
      return new Pauses(
          protocol,
          timeline.pause(everyone, steadyFrom, launched),
          timeline.pause(everyone, launched, joining),
          timeline.pause(staying, joining, end),
          timeline.pause(moving, joining, end),
          moving.size(),
          settled - joining,
          results.all().size() - results.byId().size());
    } finally {
      workers.forEach(WorkerProcess::close);
    }
  }

  /** When the results of each partition came, and from whom. */
  private static final class Timeline {
    private final Map<Integer, List<ResultsReader.Received>> byPartition;

    Timeline(ResultsReader results) {
      byPartition =
          results.byId().values().stream()
              .map(List::getFirst)
              .sorted((one, other) ->
                  Long.compare(one.record().timestamp(), other.record().timestamp()))
              .collect(
                  Collectors.groupingBy(result -> Load.partition(result.result().getRequestId())));
    }

    /** How many workers have answered requests of the partition from shortly before then on. */
    long workers(int partition, long from) {
      return of(partition).stream()
          .filter(result -> result.record().timestamp() > from - STEADY.toMillis())
          .map(result -> result.result().getWorker())
          .distinct()
          .count();
    }

    /** The longest gaps between results that overlap this time, of these partitions. */
    Pause pause(List<Integer> partitions, long from, long to) {
      return Pause.of(
          partitions.stream().map(partition -> longest(of(partition), from, to)).toList());
    }

    private static long longest(List<ResultsReader.Received> results, long from, long to) {
      long longest = 0;
      for (int i = 1; i < results.size(); i++) {
        long before = results.get(i - 1).record().timestamp();
        long after = results.get(i).record().timestamp();
        if (after > from && before < to) {
          longest = Math.max(longest, after - before);
        }
      }
      return longest;
    }

    private List<ResultsReader.Received> of(int partition) {
      return requireNonNull(byPartition.get(partition), "no results");
    }
  }

  /** Offers a request to every partition again and again, whatever becomes of them. */
  private static final class Load implements Runnable {
    private final Requests requests;
    private final AtomicBoolean stopped = new AtomicBoolean();

    /** Belongs to the offering thread until that has ended. */
    private final List<Future<RecordMetadata>> sends = new ArrayList<>();

    Load(Requests requests) {
      this.requests = requests;
    }

    static int partition(String requestId) {
      return Integer.parseInt(requestId.substring(requestId.indexOf('-') + 1)) % PARTITIONS;
    }

    @Override
    public void run() {
      long next = System.nanoTime();
      while (!stopped.get()) {
        for (int partition = 0; partition < PARTITIONS; partition++) {
          sends.add(requests.offer(partition, Requests.color(sends.size())));
        }
        next += BETWEEN.toNanos();
        pass(Duration.ofNanos(Math.max(0, next - System.nanoTime())));
      }
    }

    /** Stops it and says how many were sent. */
    int stop(Thread offering) {
      stopped.set(true);
      try {
        offering.join();
        for (Future<RecordMetadata> send : sends) {
          send.get(30, TimeUnit.SECONDS);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted", e);
      } catch (Exception e) {
        throw new AssertionError("a request was not acknowledged", e);
      }
      return sends.size();
    }
  }

  private static Pauses median(RebalanceIT.Protocol protocol, List<Pauses> rounds) {
    return new Pauses(
        protocol,
        median(rounds, Pauses::steady),
        median(rounds, Pauses::starting),
        median(rounds, Pauses::staying),
        median(rounds, Pauses::moving),
        (int) middle(rounds.stream().map(round -> (long) round.moved()).toList()),
        middle(rounds.stream().map(Pauses::untilSettled).toList()),
        (int) middle(rounds.stream().map(round -> (long) round.duplicates()).toList()));
  }

  private static Pause median(List<Pauses> rounds, Function<Pauses, Pause> what) {
    return new Pause(
        middle(rounds.stream().map(what).map(Pause::median).toList()),
        middle(rounds.stream().map(what).map(Pause::longest).toList()));
  }

  private static long middle(List<Long> values) {
    return values.isEmpty() ? 0 : values.stream().sorted().toList().get(values.size() / 2);
  }

  private static Instant said(WorkerProcess worker, String text) {
    return worker
        .log()
        .lines()
        .filter(line -> line.contains(text))
        .findFirst()
        .map(line -> Instant.parse(line.substring(0, line.indexOf(' '))))
        .orElseThrow(() -> new AssertionError("it never said '" + text + "'"));
  }

  /** The load is steady for a while: time itself is what is measured here. */
  private static void pass(Duration time) {
    try {
      TimeUnit.NANOSECONDS.sleep(time.toNanos());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}

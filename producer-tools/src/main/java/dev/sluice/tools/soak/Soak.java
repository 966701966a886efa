package dev.sluice.tools.soak;

import dev.sluice.devstack.Devstack;
import dev.sluice.devstack.Devstack.Part;
import dev.sluice.devstack.KafkaSettings;
import dev.sluice.devstack.Scratch;
import dev.sluice.tools.local.OwnCommands;
import dev.sluice.tools.local.StopSwitch;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicPartition;

/**
 * One soak from the first server to the report: starts everything, plays the schedule while
 * requests are sent, heals everything, waits until all that was sent has ended, and accounts for
 * it. Used by one thread.
 */
final class Soak {
  private static final Duration FOREVER = Duration.ofDays(1000);
  private static final long TICK_MILLIS = 500;
  private static final Duration BETWEEN_REPORTS = Duration.ofSeconds(5);

  private final SoakSettings settings;
  private final Consumer<String> progress;

  /**
   * @param progress told in a line each what happens; by any thread
   */
  Soak(SoakSettings settings, Consumer<String> progress) {
    this.settings = settings;
    this.progress = progress;
  }

  /**
   * Runs it.
   *
   * @param stop ends it before its time, once everything has started
   */
  SoakReport run(StopSwitch stop) throws IOException, InterruptedException {
    try (Scratch scratch = Scratch.create("soak")) {
      Path images = Pictures.write(Files.createDirectories(scratch.folder().resolve("images")));
      Models models = new Models(scratch.folder().resolve("models"));
      Devstack.Options options =
          new Devstack.Options(
              Set.of(Part.KAFKA, Part.SCHEMA_REGISTRY, Part.IMAGE_SERVER),
              settings.limits().brokers(),
              KafkaSettings.Tuning.FAST_START,
              images,
              Map.of());
      try (Devstack servers = Devstack.launch(options, progress);
          Gate registry = Gate.open(URI.create(servers.schemaRegistry().url()).getPort())) {
        Topics topics = Topics.of(settings.retries());
        new OwnCommands(
                servers.kafka().bootstrapServers(),
                servers.schemaRegistry().url(),
                topics.options())
            .prepare(settings.partitions());
        progress.accept("topics and schemas are there");
        Map<String, String> common = workerSettings(servers, registry, topics);
        try (Fleet fleet =
            new Fleet(
                settings.logs(),
                settings.jvmOptions(),
                worker -> with(common, models, worker),
                progress)) {
          for (int worker = 1; worker <= settings.limits().workers(); worker++) {
            fleet.start(worker);
          }
          fleet.awaitReady();
          progress.accept(settings.limits().workers() + " workers are ready");
          stop.keep();
          return new Run(servers, registry, topics, images, models, fleet, stop).run();
        }
      }
    }
  }

  private static Map<String, String> with(Map<String, String> common, Models models, int worker) {
    Map<String, String> all = new LinkedHashMap<>(common);
    all.put("models.repository", models.repository(worker).toString());
    return all;
  }

  private Map<String, String> workerSettings(Devstack servers, Gate registry, Topics topics) {
    URI behind = URI.create(servers.schemaRegistry().url());
    Map<String, String> all = new LinkedHashMap<>();
    all.put("kafka.bootstrap_servers", servers.kafka().bootstrapServers());
    all.put(
        "kafka.schema_registry_url",
        "http://127.0.0.1:%d%s".formatted(registry.port(), behind.getPath()));
    all.put("topics.requests", topics.requests());
    all.put("topics.results", topics.results());
    all.put("topics.dead_letters", topics.deadLetters());
    all.put("topics.retries", String.join(",", settings.retries()));
    all.put("delivery", settings.delivery());
    all.put("ordering", settings.ordering());
    all.put("models.default", Models.DEVICE);
    all.put("images.allow", servers.imageServer().url());
    all.put("images.timeout", "5s");
    all.put("images.decode_threads", "1");
    // So that some hanging device calls are given up and some are waited for.
    all.put("models.max_call_duration", "3s");
    all.put("in_flight.max_bytes", "64MiB");
    // What has run ahead waits for its transaction on a thread of 10 KB; one worker may have all
    // partitions, and its heap is small (Fleet).
    all.put("in_flight.max_run_ahead", "1000");
    // Shorter than an outage is waited for, so that what is held longer goes to a retry topic; but
    // what is merely slow on a busy machine must not, since that costs it an attempt.
    all.put("in_flight.max_hold", "10s");
    all.put("kafka.consumer.group.protocol", settings.protocol());
    if (settings.protocol().equals("classic")) {
      // What a killed worker held is free after that; the broker takes no less.
      all.put("kafka.consumer.session.timeout.ms", "6000");
      all.put("kafka.consumer.heartbeat.interval.ms", "1000");
    }
    all.putAll(settings.workerSettings());
    return all;
  }

  /** The topics' names. */
  private record Topics(String requests, String results, String deadLetters, List<String> retries) {
    static Topics of(List<String> retries) {
      return new Topics("soak-requests", "soak-results", "soak-dead-letters", retries);
    }

    List<String> options() {
      return List.of(
          "--requests-topic=" + requests,
          "--results-topic=" + results,
          "--dead-letters-topic=" + deadLetters,
          "--retries=" + String.join(",", retries));
    }
  }

  /** What happens once everything runs. */
  private final class Run {
    private final Fleet fleet;
    private final StopSwitch stop;
    private final CountDownLatch end = new CountDownLatch(1);
    private final Account account;
    private final VerifiableProducer producer;
    private final VerifyingReader reader;
    private final FaultInjector injector;
    private final DeadLetterReplay replay;
    private final Thread replaying;
    private final MemoryLog memory;
    private final long begun = System.nanoTime();
    private Duration reported = Duration.ZERO;

    Run(
        Devstack servers,
        Gate registry,
        Topics topics,
        Path images,
        Models models,
        Fleet fleet,
        StopSwitch stop)
        throws IOException {
      this.fleet = fleet;
      this.stop = stop;
      String brokers = servers.kafka().bootstrapServers();
      String registryUrl = servers.schemaRegistry().url();
      Traffic traffic =
          new Traffic(
              settings.seed(),
              settings.requests(),
              servers.imageServer().url(),
              // Without an order what is held for too long begins anew to wait for outages, and a
              // worker that has nothing but such requests holds each too briefly to judge it.
              settings.ordering().equals("key"));
      account = new Account(traffic, System::nanoTime);
      producer =
          new VerifiableProducer(
              brokers,
              traffic,
              new RequestTopic(topics.requests(), traffic, registryUrl),
              account,
              settings.sabotage(),
              settings.requests(),
              settings.rate(),
              end);
      reader =
          new VerifyingReader(
              brokers,
              registryUrl,
              topics.results(),
              topics.deadLetters(),
              traffic,
              new RequestTopic(topics.requests(), traffic, registryUrl),
              account);
      injector =
          new FaultInjector(
              Schedule.of(settings.seed(), settings.limits()),
              fleet,
              new Brokers(servers.kafka(), end),
              registry,
              servers.imageServer(),
              models,
              end,
              progress);
      replay =
          new DeadLetterReplay(
              new OwnCommands(brokers, registryUrl, topics.options()),
              images,
              IntStream.range(0, settings.partitions())
                  .mapToObj(partition -> new TopicPartition(topics.requests(), partition))
                  .toList(),
              reader::hasRead,
              account,
              end,
              progress);
      replaying = Thread.ofPlatform().name("dead-letter-replay").unstarted(replay);
      memory = new MemoryLog(settings.logs().resolve("memory.csv"));
    }

    SoakReport run() throws IOException, InterruptedException {
      Thread reading = Thread.ofPlatform().name("verifying-reader").start(reader);
      Thread sending = Thread.ofPlatform().name("verifiable-producer").start(producer);
      injector.start();
      boolean interrupted = !tickWhileBusy();
      end.countDown();
      replaying.interrupt();
      replaying.join();
      injector.join();
      sending.join();
      interrupted |= !tickUntil(() -> account.outstandingCompany() == 0, settings.patience());
      fleet.terminateAll();
      reader.finish();
      reading.join();
      memory.close();
      Files.writeString(
          settings.logs().resolve("memory.html"), MemoryPage.render(about(), memory.samples()));
      return new SoakReport(
          settings,
          account.totals(),
          injector.injected(),
          fleet.deviceEnds(),
          fleet.unplannedEnds(),
          fleet.failedDrains(),
          fleet.unexpectedFailures(),
          ResidentMemory.of(memory.samples()),
          elapsed().toMillis() / 1000.0,
          interrupted,
          harness());
    }

    /**
     * Goes on until all is sent, all faults are undone and all has ended or is stuck.
     *
     * @return false when somebody stopped it before that
     */
    private boolean tickWhileBusy() throws IOException, InterruptedException {
      if (!tickUntil(() -> producer.allSent() && injector.isDone(), FOREVER)) {
        return false;
      }
      progress.accept("all is sent, all faults are over; waiting for what is outstanding");
      Duration healed = elapsed();
      return tickUntil(() -> allHasEndedOrIsStuck(healed), FOREVER);
    }

    private boolean allHasEndedOrIsStuck(Duration healed) {
      // What stood still because of the last fault has as much time as the rest.
      Duration stuck = min(account.stalled(), elapsed().minus(healed));
      if (stuck.compareTo(settings.patience()) > 0) {
        progress.accept(
            "nothing has ended for %d s: giving up".formatted(account.stalled().toSeconds()));
        return true;
      }
      boolean isReplayOver = replay.isFinished() || !account.isReadyForReplay();
      return isReplayOver && account.outstanding() == 0;
    }

    private static Duration min(Duration one, Duration other) {
      return one.compareTo(other) < 0 ? one : other;
    }

    /** Looks after everything until a condition holds or time is up; false when stopped. */
    private boolean tickUntil(BooleanSupplier done, Duration limit)
        throws IOException, InterruptedException {
      Duration latest = elapsed().plus(limit);
      while (harness().isEmpty() && !done.getAsBoolean() && elapsed().compareTo(latest) < 0) {
        if (stop.awaitRequest(TICK_MILLIS)) {
          progress.accept("told to stop: no more requests, no more faults");
          return false;
        }
        fleet.supervise();
        if (replaying.getState() == Thread.State.NEW && account.isReadyForReplay()) {
          replaying.start();
        }
        if (elapsed().minus(reported).compareTo(BETWEEN_REPORTS) >= 0) {
          reported = elapsed();
          memory.add(elapsed(), fleet.residentBytes());
          tell();
        }
      }
      return true;
    }

    private String about() {
      return "seed %d, %s, %s, %d requests, %d faults in %d s"
          .formatted(
              settings.seed(),
              settings.delivery(),
              settings.ordering(),
              settings.requests(),
              settings.limits().faults(),
              settings.limits().duration().toSeconds());
    }

    private void tell() {
      Totals totals = account.totals();
      int faults = injector.injected().values().stream().mapToInt(Integer::intValue).sum();
      progress.accept(
          String.format(
              Locale.ROOT,
              "sent %d (%d and company), outstanding %d, succeeded %d, failed %d, expired %d, dead"
                  + " letters %d, replayed %d, duplicates %d, wrong %d, faults %d of %d, workers"
                  + " %d",
              totals.sent(),
              settings.requests(),
              account.outstanding(),
              totals.succeeded(),
              totals.failed(),
              totals.expired(),
              totals.deadLettered(),
              totals.replayed(),
              totals.count(Defect.DUPLICATE),
              totals.count(Defect.WRONG),
              faults,
              settings.limits().faults(),
              fleet.size()));
    }

    private List<String> harness() {
      List<String> failures = new ArrayList<>(injector.failures());
      if (!producer.failure().isEmpty()) {
        failures.add(producer.failure());
      }
      if (!reader.failure().isEmpty()) {
        failures.add(reader.failure());
      }
      if (!replay.failure().isEmpty()) {
        failures.add(replay.failure());
      }
      return failures;
    }

    private Duration elapsed() {
      return Duration.ofNanos(System.nanoTime() - begun);
    }
  }
}

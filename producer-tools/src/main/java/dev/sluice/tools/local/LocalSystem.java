package dev.sluice.tools.local;

import dev.sluice.devstack.Devstack;
import dev.sluice.devstack.Ports;
import dev.sluice.tools.KafkaOptions;
import dev.sluice.tools.TopicOptions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import picocli.CommandLine;

/**
 * Servers with topics and schemas, and workers on them, all on this machine's loopback address.
 * Closing it drains the workers, then ends the servers. Used by one thread.
 */
final class LocalSystem implements AutoCloseable {
  private static final long CHECK_MILLIS = 500;

  /** The defaults, said aloud: the environment may name others. */
  private static final List<String> TOPICS =
      List.of(
          "--requests-topic=inference-requests",
          "--results-topic=inference-results",
          "--dead-letters-topic=inference-requests-dlt");

  /** The worker's own default. */
  static final String RETRIES = "10s,1m,10m";

  private final Devstack servers;
  private final String retries;
  private final List<WorkerProcess> workers = new ArrayList<>();
  private final Consumer<String> progress;

  private LocalSystem(Devstack servers, String retries, Consumer<String> progress) {
    this.servers = servers;
    this.retries = retries;
    this.progress = progress;
  }

  /**
   * Starts the servers, creates the topics and registers the schemas.
   *
   * @param retries delays of the retry topics, with commas between them
   * @param progress told in a line each what happens
   */
  static LocalSystem start(
      Devstack.Options options, int partitions, String retries, Consumer<String> progress) {
    LocalSystem system = new LocalSystem(Devstack.launch(options, progress), retries, progress);
    try {
      system.commands().prepare(partitions);
      progress.accept("topics and schemas are there");
      return system;
    } catch (RuntimeException e) {
      system.close();
      throw e;
    }
  }

  /**
   * Starts workers, all at once, and waits until each is ready.
   *
   * @param firstPort where the first one shows its status; the others choose free ports
   * @param settings their configuration, by key, beside where the servers are
   */
  void startWorkers(
      int count, int firstPort, List<String> jvmOptions, Map<String, String> settings) {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("kafka.bootstrap_servers", servers.kafka().bootstrapServers());
    all.put("kafka.schema_registry_url", servers.schemaRegistry().url());
    all.put("topics.retries", retries);
    all.putAll(settings);
    progress.accept(count == 1 ? "starting a worker" : "starting " + count + " workers");
    for (int i = 1; i <= count; i++) {
      all.put("http.port", String.valueOf(i == 1 ? firstPort : Ports.free()));
      workers.add(WorkerProcess.launch("worker-" + i, jvmOptions, all));
    }
    for (WorkerProcess worker : workers) {
      worker.awaitReady();
      progress.accept(worker.name() + " is ready: " + worker.url());
    }
  }

  Devstack servers() {
    return servers;
  }

  List<WorkerProcess> workers() {
    return List.copyOf(workers);
  }

  /** Where Kafka and the registry are, for the commands of this program. */
  KafkaOptions kafkaOptions() {
    return commands().kafkaOptions();
  }

  private OwnCommands commands() {
    return new OwnCommands(
        servers.kafka().bootstrapServers(),
        servers.schemaRegistry().url(),
        Stream.concat(TOPICS.stream(), Stream.of("--retries=" + retries)).toList());
  }

  /** The topics that were created. */
  static TopicOptions topicOptions() {
    return CommandLine.populateCommand(new TopicOptions(), TOPICS.toArray(String[]::new));
  }

  /**
   * Waits until a signal asks for the end, and says whether one did: false, if something ended on
   * its own instead.
   *
   * @param lines told what ended, with the end of its log
   */
  boolean awaitStop(StopSwitch stop, Consumer<String> lines) throws InterruptedException {
    while (!stop.awaitRequest(CHECK_MILLIS)) {
      Optional<String> casualty = casualty();
      if (casualty.isPresent()) {
        casualty.get().lines().forEach(lines);
        return false;
      }
    }
    return true;
  }

  private Optional<String> casualty() {
    for (WorkerProcess worker : workers) {
      if (!worker.isRunning()) {
        return Optional.of(worker.name() + " has ended; its log ends with:\n" + worker.logTail());
      }
    }
    for (int node : servers.kafka().nodes()) {
      if (!servers.kafka().isRunning(node)) {
        return Optional.of(
            "the broker has ended; its log ends with:\n" + servers.kafka().logTail(node));
      }
    }
    if (!servers.schemaRegistry().isRunning()) {
      return Optional.of(
          "the schema registry has ended; its log ends with:\n"
              + servers.schemaRegistry().logTail());
    }
    return Optional.empty();
  }

  /** Drains the workers, all at once, then ends everything. */
  @Override
  public void close() {
    List<Thread> draining =
        workers.stream()
            .filter(WorkerProcess::isRunning)
            .map(worker -> Thread.ofVirtual().start(worker::drain))
            .toList();
    for (Thread thread : draining) {
      joinUninterruptibly(thread);
    }
    workers.forEach(WorkerProcess::close);
    servers.close();
  }

  /** What is drained is never left half done; draining itself takes half a minute at most. */
  private static void joinUninterruptibly(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}

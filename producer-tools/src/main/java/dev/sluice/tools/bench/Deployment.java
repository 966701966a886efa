package dev.sluice.tools.bench;

import dev.sluice.devstack.ServerException;
import dev.sluice.tools.local.OwnCommands;
import dev.sluice.tools.local.WorkerProcess;
import dev.sluice.v1.InferenceRequest;
import dev.sluice.worker.kafka.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.TopicDescription;

/**
 * Workers on topics of their own. Closing it ends the workers; the topics stay until the servers
 * go. Used by one thread, which closes it.
 */
final class Deployment implements AutoCloseable {
  private static final Duration RETRY = Duration.ofSeconds(10);
  private static final Duration WIDENING = Duration.ofMinutes(2);
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(200);

  private final String bootstrapServers;
  private final String registryUrl;
  private final Spec spec;
  private final Map<String, String> settings;
  private final List<WorkerProcess> workers = new ArrayList<>();
  private int launched;

  /** Of the topic of requests. */
  private int readPartitions;

  /**
   * What to deploy.
   *
   * @param name part of the topics' names, used once
   * @param repository of models, with one in it
   * @param settings of the workers, by key, beside where the servers and the topics are
   */
  record Spec(
      String name,
      int partitions,
      Path repository,
      Map<String, String> settings,
      List<String> jvmOptions) {
    Spec {
      settings = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(settings));
      jvmOptions = List.copyOf(jvmOptions);
    }

    String requestsTopic() {
      return name + "-requests";
    }

    String resultsTopic() {
      return name + "-results";
    }

    private String retryTopic() {
      return Topics.retryTopic(requestsTopic(), RETRY);
    }

    private String deadLettersTopic() {
      return name + "-dead-letters";
    }
  }

  private Deployment(
      String bootstrapServers, String registryUrl, Spec spec, Map<String, String> settings) {
    this.bootstrapServers = bootstrapServers;
    this.registryUrl = registryUrl;
    this.spec = spec;
    this.settings = settings;
    this.readPartitions = spec.partitions();
  }

  /** Creates the topics; no worker runs yet. */
  static Deployment prepare(String bootstrapServers, String registryUrl, Spec spec) {
    new OwnCommands(
            bootstrapServers,
            registryUrl,
            List.of(
                "--requests-topic=" + spec.requestsTopic(),
                "--results-topic=" + spec.resultsTopic(),
                "--dead-letters-topic=" + spec.deadLettersTopic(),
                "--retries=" + RETRY.toSeconds() + "s"))
        .prepare(spec.partitions());
    Map<String, String> all = new LinkedHashMap<>();
    all.put("kafka.bootstrap_servers", bootstrapServers);
    all.put("kafka.schema_registry_url", registryUrl);
    all.put("kafka.group_id", spec.name());
    all.put("topics.requests", spec.requestsTopic());
    all.put("topics.results", spec.resultsTopic());
    all.put("topics.dead_letters", spec.deadLettersTopic());
    all.put("topics.retries", RETRY.toSeconds() + "s");
    all.put("models.repository", spec.repository().toString());
    all.putAll(spec.settings());
    return new Deployment(bootstrapServers, registryUrl, spec, all);
  }

  /**
   * Gives the topics that workers read so many partitions; before anything is sent.
   *
   * @throws ServerException when the brokers do not do it
   */
  void widen(int partitions) throws InterruptedException {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
      for (String topic : List.of(spec.requestsTopic(), spec.retryTopic())) {
        admin
            .createPartitions(Map.of(topic, NewPartitions.increaseTo(partitions)))
            .all()
            .get(WIDENING.toMillis(), TimeUnit.MILLISECONDS);
        awaitLeaders(admin, topic, partitions);
      }
    } catch (ExecutionException | TimeoutException e) {
      throw new ServerException("the topics did not get " + partitions + " partitions", e);
    }
    readPartitions = partitions;
  }

  /** Brokers answer before they have made all that they were asked for. */
  private static void awaitLeaders(Admin admin, String topic, int partitions)
      throws InterruptedException, ExecutionException, TimeoutException {
    long until = System.nanoTime() + WIDENING.toNanos();
    while (true) {
      TopicDescription description =
          admin
              .describeTopics(List.of(topic))
              .allTopicNames()
              .get(WIDENING.toMillis(), TimeUnit.MILLISECONDS)
              .get(topic);
      if (description != null
          && description.partitions().size() == partitions
          && description.partitions().stream().noneMatch(each -> each.leader() == null)) {
        return;
      }
      if (System.nanoTime() - until > 0) {
        throw new TimeoutException(topic + " has no leaders after " + WIDENING);
      }
      Thread.sleep(BETWEEN_LOOKS);
    }
  }

  /** Starts so many more workers and waits until all take requests. */
  void start(int count) {
    launch(count, List.of(), Map.of());
    workers.forEach(WorkerProcess::awaitReady);
  }

  /**
   * Starts so many more workers and returns before they are ready.
   *
   * @param jvmOptions besides those of all
   * @param settings that replace those of all
   */
  void launch(int count, List<String> jvmOptions, Map<String, String> settings) {
    Map<String, String> all = new LinkedHashMap<>(this.settings);
    all.putAll(settings);
    for (int i = 0; i < count; i++) {
      launched++;
      workers.add(
          WorkerProcess.launch(
              spec.name() + "-worker-" + launched,
              Stream.concat(spec.jvmOptions().stream(), jvmOptions.stream()).toList(),
              all));
    }
  }

  /** Lets the workers finish what they have begun and leave their group, and ends them. */
  void drain() {
    workers.forEach(WorkerProcess::drain);
    workers.forEach(WorkerProcess::close);
    workers.clear();
  }

  /** Configuration of the workers, by key: enough for the bare loop too. */
  Map<String, String> settings() {
    return settings;
  }

  Spec spec() {
    return spec;
  }

  List<WorkerProcess> workers() {
    return List.copyOf(workers);
  }

  /**
   * A sender to the topic of requests, which the caller closes. It waits for others to send along
   * with a request for as long as a client that nobody has tuned.
   *
   * @param images each says where one image is; they take turns
   */
  Requests requests(List<Consumer<InferenceRequest.Builder>> images) {
    return requests(images, Requests.LINGER_MILLIS);
  }

  /**
   * The same for requests that are alone, whose latency such a wait would only add to.
   *
   * @param images each says where one image is; they take turns
   */
  Requests singleRequests(List<Consumer<InferenceRequest.Builder>> images) {
    return requests(images, 0);
  }

  private Requests requests(List<Consumer<InferenceRequest.Builder>> images, int lingerMillis) {
    return new Requests(
        bootstrapServers, registryUrl, spec.requestsTopic(), readPartitions, images, lingerMillis);
  }

  /** A reader of results' latencies, which the caller closes. */
  LatencyMeter latencies() {
    return LatencyMeter.open(bootstrapServers, spec.resultsTopic(), spec.partitions());
  }

  /** Memory that the workers hold now, in bytes. */
  long residentBytes() {
    return workers.stream().mapToLong(WorkerProcess::residentBytes).sum();
  }

  /** A counter of results, which the caller closes. */
  ResultsMeter results() {
    return new ResultsMeter(bootstrapServers, spec.resultsTopic(), spec.partitions());
  }

  /** What the workers' metrics say now, added up. */
  Scrape scrape() {
    return Scrape.sum(
        workers.stream().map(worker -> Scrape.of(worker.get("/metrics").body())).toList());
  }

  /**
   * Makes sure that what was measured is what was meant.
   *
   * @throws ServerException when some requests failed
   */
  void requireNoFailures() {
    Scrape scrape = scrape();
    double failed = scrape.sum("sluice_inference_request_failure_total");
    if (failed > 0) {
      throw new ServerException(
          "%.0f requests failed, so these figures would mean nothing: %s"
              .formatted(failed, scrape.all("sluice_inference_request_failure_total")));
    }
  }

  /** Kills the workers: what they leave undone interests nobody. */
  @Override
  public void close() {
    workers.forEach(WorkerProcess::close);
  }
}

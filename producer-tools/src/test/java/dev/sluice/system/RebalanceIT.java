package dev.sluice.system;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.devstack.KafkaCluster;
import dev.sluice.devstack.KafkaSettings;
import dev.sluice.devstack.SchemaRegistry;
import dev.sluice.devstack.junit.FreshNames;
import dev.sluice.devstack.junit.WithDevstack;
import dev.sluice.tools.local.WorkerProcess;
import dev.sluice.v1.InferenceResult;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Workers that join, leave, die, come back and freeze, under both protocols of consumer groups. */
@WithDevstack
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RebalanceIT {
  private static final Delivery DELIVERY = Delivery.tested();
  private static final int PARTITIONS = 4;
  private static final int MAX_RECORDS = 40;
  private static final Duration DRAIN = Duration.ofSeconds(30);

  /** Long enough for a busy machine: a member that is not scheduled that long is thrown out. */
  private static final String SESSION = "5000";

  private final KafkaCluster kafka;
  private final SchemaRegistry registry;
  private final FreshNames names;
  private final Path folder;
  private final Models models;

  RebalanceIT(SchemaRegistry registry, FreshNames names, @TempDir Path folder) {
    this.registry = registry;
    this.names = names;
    this.folder = folder;
    kafka =
        KafkaCluster.launch(
            KafkaSettings.ofNodes(1)
                .withBroker("group.consumer.min.session.timeout.ms", SESSION)
                .withBroker("group.consumer.session.timeout.ms", SESSION)
                .withBroker("group.min.session.timeout.ms", SESSION));
    models = Models.create(folder.resolve("models"));
  }

  @AfterAll
  void stop() {
    kafka.close();
  }

  /** How the members of a group agree. */
  enum Protocol {
    CLASSIC,
    CONSUMER;

    /** A worker's settings: CONSUMER is what it chooses itself. */
    Map<String, String> settings(String sessionTimeout) {
      return switch (this) {
        case CLASSIC ->
            Map.of(
                "kafka.consumer.group.protocol", "classic",
                "kafka.consumer.session.timeout.ms", sessionTimeout,
                "kafka.consumer.heartbeat.interval.ms", "500");
        case CONSUMER -> Map.of();
      };
    }
  }

  /** The classic protocol's part of this is in {@link DeliveryIT}. */
  @Test
  void aMemberThatLeavesRepeatsNothingAndOneThatDiesOnlyWhatItHeld() {
    Pipeline pipeline = Pipeline.create(kafka, registry, names, PARTITIONS);
    Map<String, String> settings = settings(pipeline, Protocol.CONSUMER, SESSION);
    settings.put("images.decode_threads", "1");
    try (WorkerProcess leaving = WorkerProcess.launch("leaving", folder, settings);
        Scene scene = Scene.launch("staying", folder, pipeline, settings)) {
      WorkerProcess staying = scene.worker();
      Members.awaitPartitions(PARTITIONS / 2, staying, leaving);
      List<String> first = scene.send(1_000, Requests::largeColor);
      scene.results().awaitAnswered(first.size() / 4, Scene.LIMIT);
      assertThat(leaving.terminate(DRAIN)).as(leaving.logTail()).isZero();
      scene.awaitEverythingEnded(DELIVERY);
      assertThat(scene.results().account(first).duplicates()).isZero();

      try (WorkerProcess dying = WorkerProcess.launch("dying", folder, settings)) {
        Members.awaitPartitions(PARTITIONS / 2, staying, dying);
        scene.send(1_000, Requests::largeColor);
        scene.results().awaitAnswered(first.size() + 250, Scene.LIMIT);
        dying.kill();
      }
      scene.awaitEverythingEnded(DELIVERY);
      assertThat(answeredTwice(scene.results()))
          .as("answered twice")
          .allSatisfy((id, workers) -> assertThat(workers).contains("dying"));
      System.out.printf(
          "a member died: %d requests answered twice%n", answeredTwice(scene.results()).size());
      // All are given, two leave, two come, two leave, two come; twice that is not a storm yet.
      assertThat(Members.changes(staying)).hasSizeLessThanOrEqualTo(2 * 5);
    }
  }

  /** Members with names of their own ({@code group.instance.id}) keep their partitions. */
  @ParameterizedTest
  @EnumSource
  void aStaticMemberThatComesBackInTimeFindsItsPartitions(Protocol protocol) throws Exception {
    Pipeline pipeline = Pipeline.create(kafka, registry, names, PARTITIONS);
    String session = "45000";
    letGroupWait(pipeline, session);
    Map<String, String> settings = settings(pipeline, protocol, session);
    settings.put("kafka.consumer.group.instance.id", "one");
    try (Scene scene = Scene.launch("one-" + protocol, folder, pipeline, settings)) {
      WorkerProcess one = scene.worker();
      settings.put("kafka.consumer.group.instance.id", "two");
      Set<Integer> before;
      List<Members.Change> changes;
      try (WorkerProcess two = WorkerProcess.launch("two-" + protocol, folder, settings)) {
        Members.awaitPartitions(PARTITIONS / 2, one, two);
        before = Members.partitions(two);
        changes = Members.changes(one);
        assertThat(two.terminate(DRAIN)).as(two.logTail()).isZero();
      }
      scene.send(200, Requests::color);
      try (WorkerProcess two = WorkerProcess.launch("two-" + protocol, folder, settings)) {
        scene.awaitEverythingEnded(DELIVERY);
        assertThat(Members.partitions(two)).isEqualTo(before);
        assertThat(Members.changes(one)).as("changes of the other member").isEqualTo(changes);
        assertThat(answeredTwice(scene.results())).isEmpty();
      }
    }
  }

  /** Frozen past its session, it finds on waking up that others have done its work. */
  @ParameterizedTest
  @EnumSource
  void aMemberThatWakesUpTooLatePublishesNothingMoreForWhatItLost(Protocol protocol) {
    Pipeline pipeline = Pipeline.create(kafka, registry, names, PARTITIONS);
    Map<String, String> settings = settings(pipeline, protocol, SESSION);
    settings.put("models.repository", slowModels().toString());
    // So that what it had answered and not committed when it was frozen is little.
    settings.put("commit_interval", "100ms");
    try (WorkerProcess frozen = WorkerProcess.launch("frozen-" + protocol, folder, settings);
        Scene scene = Scene.launch("awake-" + protocol, folder, pipeline, settings)) {
      Members.awaitPartitions(PARTITIONS / 2, scene.worker(), frozen);
      // Three seconds of work for each, so that it is frozen before it has done its share.
      List<String> sent = scene.send(500, Requests::color);
      scene.results().awaitAnswered(MAX_RECORDS, Scene.LIMIT);
      Signals.stop(frozen.pid());
      Map<TopicPartition, Long> committed;
      try {
        scene.awaitEverythingEnded(DELIVERY);
        committed = scene.offsets().committed();
      } finally {
        Signals.resume(frozen.pid());
      }
      Members.awaitPartitions(PARTITIONS / 2, scene.worker(), frozen);
      Instant lost =
          Members.changes(frozen).stream()
              .filter(change -> change.what().equals("lost"))
              .map(Members.Change::at)
              .findFirst()
              .orElseThrow(() -> new AssertionError("it lost nothing: " + frozen.log()));
      scene.send(100, Requests::color);
      scene.awaitEverythingEnded(DELIVERY);

      List<ResultsReader.Received> late =
          sent.stream()
              .flatMap(id -> requireNonNull(scene.results().byId().get(id)).stream())
              .filter(result -> result.result().getWorker().equals(frozen.name()))
              .filter(result -> result.record().timestamp() > lost.toEpochMilli())
              .toList();
      assertThat(late).as("published after %s, when the partitions were lost", lost).isEmpty();
      Map<String, Set<String>> twice = answeredTwice(scene.results());
      System.out.printf("%s: a member woke up: %d answered twice%n", protocol, twice.size());
      // What it held when it was frozen, and what it took on before it learned.
      assertThat(twice)
          .hasSizeLessThanOrEqualTo(2 * MAX_RECORDS)
          .allSatisfy((id, workers) -> assertThat(workers).contains(frozen.name()));
      assertThat(scene.offsets().committed())
          .allSatisfy((partition, offset) ->
              assertThat(offset).isGreaterThanOrEqualTo(committed.getOrDefault(partition, 0L)));
    }
  }

  /**
   * The group waits for a poll for 3 s, each of the calls takes 4 s, and there is no room. For the
   * other protocol {@link BackpressureIT} shows it.
   */
  @Test
  void workThatTakesLongerThanThePollIntervalMakesNoPollLate() {
    Pipeline pipeline = Pipeline.create(kafka, registry, names, 1);
    Map<String, String> settings = settings(pipeline, Protocol.CLASSIC, SESSION);
    settings.put(
        "models.repository",
        new Models(folder.resolve("slowest"))
            .addSlow(Models.COLORS, Duration.ofSeconds(4))
            .repository()
            .toString());
    settings.put("in_flight.max_records", "1");
    settings.put("kafka.consumer.max.poll.interval.ms", "3000");
    try (Scene scene = Scene.launch("slow", folder, pipeline, settings)) {
      scene.send(2, Requests::color);
      scene.awaitEverythingEnded(DELIVERY);
      assertThat(Members.changes(scene.worker())).hasSize(1);
      assertThat(answeredTwice(scene.results())).isEmpty();
    }
  }

  private Path slowModels() {
    return new Models(folder.resolve("slow"))
        .addSlow(Models.COLORS, Duration.ofMillis(100))
        .repository();
  }

  private Map<String, String> settings(Pipeline pipeline, Protocol protocol, String session) {
    Map<String, String> settings = pipeline.settings(models);
    settings.put("delivery", DELIVERY.text());
    settings.put("in_flight.max_records", String.valueOf(MAX_RECORDS));
    settings.putAll(protocol.settings(session));
    return settings;
  }

  /** In the new protocol the brokers say how long a member may be silent, for each group. */
  private void letGroupWait(Pipeline pipeline, String session) {
    try (Admin admin = kafka.admin()) {
      pipeline.alter(
          admin,
          new ConfigResource(ConfigResource.Type.GROUP, pipeline.group()),
          "consumer.session.timeout.ms",
          session);
    }
  }

  /** The workers that answered, of each request that more than one result says something of. */
  private static Map<String, Set<String>> answeredTwice(ResultsReader results) {
    return results.byId().entrySet().stream()
        .filter(entry -> entry.getValue().size() > 1)
        .collect(Collectors.toMap(Map.Entry::getKey, entry -> workers(entry.getValue())));
  }

  private static Set<String> workers(Collection<ResultsReader.Received> results) {
    return results.stream()
        .map(ResultsReader.Received::result)
        .map(InferenceResult::getWorker)
        .collect(Collectors.toSet());
  }
}

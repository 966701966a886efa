package dev.sluice.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.devstack.KafkaCluster;
import dev.sluice.devstack.KafkaSettings;
import dev.sluice.devstack.SchemaRegistry;
import dev.sluice.devstack.junit.FreshNames;
import dev.sluice.devstack.junit.Private;
import dev.sluice.devstack.junit.WithDevstack;
import dev.sluice.tools.local.WorkerProcess;
import dev.sluice.v1.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The failure of the failure path: what a worker needs in order to say how a request ended is
 * missing, full, forbidden or away. Always: no committed offset moves past a request that is not
 * answered, the worker says what is wrong, and once it is mended everything is answered without
 * anybody's doing.
 *
 * <p>One worker lives through most of these, one after the other: that too is a test.
 */
@WithDevstack
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FailurePathIT {
  private static final Delivery DELIVERY = Delivery.tested();
  private static final int GOOD = 20;

  private final SchemaRegistry registry;
  private final FreshNames names;
  private final KafkaCluster kafka;
  private final Admin admin;
  private final Gate gate;
  private final Path folder;
  private final Models models;
  private final Scene scene;

  FailurePathIT(SchemaRegistry registry, FreshNames names, @TempDir Path folder) {
    this.registry = registry;
    this.names = names;
    this.folder = folder;
    models = Models.create(folder.resolve("models"));
    kafka =
        KafkaCluster.launch(
            KafkaSettings.ofNodes(1)
                .withBroker(
                    "authorizer.class.name",
                    "org.apache.kafka.metadata.authorizer.StandardAuthorizer")
                .withBroker("allow.everyone.if.no.acl.found", "true"));
    admin = kafka.admin();
    gate = Gate.open(registry.url());
    Pipeline pipeline = Pipeline.create(kafka, registry, names, 2);
    scene = Scene.launch("worker", folder, pipeline, settings(pipeline));
  }

  @BeforeAll
  void start() {
    scene.worker().awaitReady();
  }

  @AfterAll
  void stop() {
    scene.close();
    gate.close();
    admin.close();
    kafka.close();
  }

  @ParameterizedTest
  @EnumSource
  void whatATopicDoesNotTakeIsHeldBack(Fault fault) {
    Pipeline pipeline = scene.pipeline();
    String topic = fault.topicOf(pipeline);
    double before = scene.sendFailures(topic);
    String broken;
    fault.begin(pipeline, admin);
    try {
      broken = heldBack(scene, topic, before, topic.equals(pipeline.deadLetters()));
    } finally {
      fault.end(pipeline, admin);
    }
    scene.awaitEverythingEnded(DELIVERY);
    assertThat(scene.deadLetters(broken)).isNotEmpty();
  }

  @Test
  void whatAFullTopicDoesNotTakeIsHeldBack(@Private(nodes = 3) KafkaCluster three) {
    Pipeline pipeline = Pipeline.create(three, registry, names, 2);
    try (Admin admins = three.admin();
        Scene full = Scene.launch("full", folder, pipeline, settings(pipeline))) {
      full.worker().awaitReady();
      pipeline.alterTopic(admins, pipeline.deadLetters(), "min.insync.replicas", "3");
      three.stop(3);
      // A transaction that failed there ends when the topic takes the mark of its end.
      boolean othersGoOn = DELIVERY == Delivery.AT_LEAST_ONCE;
      String broken = heldBack(full, pipeline.deadLetters(), 0, othersGoOn);

      pipeline.alterTopic(admins, pipeline.deadLetters(), "min.insync.replicas", "2");
      full.awaitEverythingEnded(DELIVERY);
      assertThat(full.deadLetters(broken)).isNotEmpty();
    }
  }

  /**
   * Sends one that fails among good ones while {@code topic} takes nothing, and sees it held back.
   *
   * @param othersGoOn whether what does not depend on the topic is answered meanwhile
   * @return the one that fails
   */
  private static String heldBack(
      Scene scene, String topic, double failuresBefore, boolean othersGoOn) {
    List<String> good = new ArrayList<>(scene.send(GOOD, Requests::color));
    String broken = scene.send(1, number -> Requests.broken(number, 100)).getFirst();
    good.addAll(scene.send(GOOD, Requests::color));

    scene.awaitSendFailures(topic, failuresBefore);
    if (othersGoOn) {
      scene.awaitAnswered(notHeldUpBy(broken, scene, good));
      scene.awaitCommittedUpTo(broken);
    }
    scene.assertHeldBack(broken);
    return broken;
  }

  /**
   * Nobody waits for a record that is held back; but in a transaction nothing may be stored ahead
   * of the offset that is committed with it.
   */
  private static List<String> notHeldUpBy(String held, Scene scene, List<String> ids) {
    return switch (DELIVERY) {
      case AT_LEAST_ONCE -> ids;
      case EXACTLY_ONCE -> scene.notBehind(held, ids);
    };
  }

  @Test
  void aRecordThatIsTooLargeForTheDeadLetterTopicLeavesAPointerThere() {
    Pipeline pipeline = scene.pipeline();
    pipeline.alterTopic(admin, pipeline.deadLetters(), "max.message.bytes", "20000");
    try {
      // Those first, since a broker takes up its new setting a moment after it was told.
      scene.awaitAnswered(scene.send(GOOD, Requests::color));
      String broken = scene.send(1, number -> Requests.broken(number, 50_000)).getFirst();

      scene.awaitEverythingEnded(DELIVERY);
      assertThat(scene.deadLetters(broken))
          .singleElement()
          .satisfies(letter -> {
            assertThat(letter.value()).isNull();
            assertThat(letter.headers().lastHeader("sluice-omitted-bytes")).isNotNull();
          });
    } finally {
      pipeline.alterTopic(admin, pipeline.deadLetters(), "max.message.bytes", "1048588");
    }
  }

  @Test
  void whileTheRegistryIsAwayOnlyAnUnknownSchemaWaits() {
    String id = "red-evolved";
    byte[] evolved = EvolvedRequest.of(id, scene.pipeline());
    scene.send(GOOD, Requests::color);
    scene.awaitEverythingEnded(DELIVERY);
    gate.shut();
    try {
      scene.send(id, evolved);
      List<String> known = scene.send(GOOD, Requests::color);

      scene.awaitAnswered(notHeldUpBy(id, scene, known));
      scene.awaitLogged("the schema registry cannot be asked");
      scene.awaitMetric("sluice_waiting_requests", 1, "dependency=\"the schema registry\"");
      assertThat(scene.worker().get("/health/ready").body()).contains("the schema registry");
      scene.awaitCommittedUpTo(id);
      scene.assertHeldBack(id);
    } finally {
      gate.open();
    }
    scene.awaitEverythingEnded(DELIVERY);
    assertThat(scene.results().byId().get(id))
        .singleElement()
        .satisfies(answer -> assertThat(answer.result().getStatus()).isEqualTo(Status.SUCCEEDED));
  }

  @Test
  void whileTheRegistryIsAwayAWorkerThatStartsWaits() {
    Pipeline pipeline = Pipeline.create(kafka, registry, names, 1);
    gate.shut();
    try (Scene waiting = Scene.launch("waiting", folder, pipeline, settings(pipeline))) {
      waiting.send(GOOD, Requests::color);
      waiting.awaitLogged("waiting for the schema registry");
      WorkerProcess worker = waiting.worker();
      // It asks while it loads its models, and says so of those first.
      await()
          .atMost(Duration.ofSeconds(30))
          .until(
              () -> worker.get("/health/ready").body().contains("waiting for the schema registry"));
      assertThat(worker.get("/health/live").statusCode()).isEqualTo(200);
      assertThat(worker.get("/health/ready").statusCode()).isEqualTo(503);
      assertThat(worker.get("/").body()).contains("waiting for the schema registry");
      assertThat(waiting.offsets().committed()).isEmpty();

      gate.open();
      waiting.awaitEverythingEnded(DELIVERY);
    } finally {
      gate.open();
    }
  }

  @Test
  void whileTheBrokerIsAwayEverythingWaits() {
    // More than it answers before the broker has gone.
    List<String> begun = scene.send(5_000, Requests::largeColor);
    scene.awaitAnswered(begun.subList(0, GOOD));
    double failures = scene.sendFailures(scene.pipeline().results());
    kafka.stop(1);
    try {
      scene.awaitSendFailures(scene.pipeline().results(), failures);
      Signals.stop(scene.worker().pid());
    } finally {
      kafka.start(1);
    }
    // A broker that is down cannot be asked: this is how the worker had left it.
    assertThat(scene.offsets().skipped(scene.results())).isEmpty();
    Signals.resume(scene.worker().pid());
    scene.send(GOOD, Requests::color);
    scene.awaitEverythingEnded(DELIVERY);
    assertThat(scene.worker().log().lines().filter(line -> line.contains("NetworkClient")))
        .as("warnings of the network, which come once a second from each client")
        .hasSizeBetween(1, 20);
  }

  /** A producer that is not given an id is in a state that Kafka's documentation calls fatal. */
  @Test
  void aProducerThatMayNotEvenBeginRecovers() {
    ResourcePattern everyTopic = Fault.topic("*");
    ResourcePattern cluster =
        new ResourcePattern(ResourceType.CLUSTER, "kafka-cluster", PatternType.LITERAL);
    Pipeline pipeline = Pipeline.create(kafka, registry, names, 1);
    try (Scene forbidden = Scene.launch("forbidden", folder, pipeline, settings(pipeline))) {
      try {
        // It must not get so far as to be given its id before it is forbidden.
        Signals.stop(forbidden.worker().pid());
        String first;
        try {
          first = forbidden.send(GOOD, Requests::color).getFirst();
          Fault.forbid(admin, AclOperation.WRITE, everyTopic);
          Fault.forbid(admin, AclOperation.IDEMPOTENT_WRITE, cluster);
        } finally {
          Signals.resume(forbidden.worker().pid());
        }
        forbidden.awaitSendFailures(pipeline.results(), 0);
        if (DELIVERY == Delivery.AT_LEAST_ONCE) {
          assertThat(forbidden.worker().log()).contains("Cluster authorization failed");
        }
        forbidden.assertHeldBack(first);
      } finally {
        Fault.allow(admin, everyTopic, cluster);
      }
      forbidden.awaitEverythingEnded(DELIVERY);
    }
  }

  private Map<String, String> settings(Pipeline pipeline) {
    Map<String, String> settings = Scene.impatient(pipeline, models);
    settings.put("delivery", DELIVERY.text());
    settings.put("kafka.schema_registry_url", gate.url());
    return settings;
  }
}

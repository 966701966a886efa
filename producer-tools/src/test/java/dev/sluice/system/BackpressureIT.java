package dev.sluice.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.devstack.Behaviour;
import dev.sluice.devstack.ImageServer;
import dev.sluice.devstack.KafkaCluster;
import dev.sluice.devstack.SchemaRegistry;
import dev.sluice.devstack.junit.FreshNames;
import dev.sluice.devstack.junit.WithDevstack;
import dev.sluice.tools.local.WorkerProcess;
import java.awt.Color;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import org.apache.kafka.common.quota.ClientQuotaEntity;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the worker needs in order to go on is slow: the results topic, the image store, the model.
 * Each ends in pausing and never in growth. The heap is far smaller than what is offered, so that a
 * worker that took it all on would end.
 */
@WithDevstack
class BackpressureIT {
  private static final Delivery DELIVERY = Delivery.tested();

  private static final List<String> JVM =
      List.of(
          "-Xms160m",
          "-Xmx160m",
          "-XX:+AlwaysPreTouch",
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-XX:+ExitOnOutOfMemoryError");

  private static final int MAX_RECORDS = 40;
  private static final int MAX_BYTES = 16 << 20;
  private static final Duration WATCHED = Duration.ofSeconds(3);

  /** Noise of the allocators, of the compiler and of threads. */
  private static final double ALLOWED_GROWTH = 32 << 20;

  @TempDir private Path folder;

  private final FreshNames names;
  private final Pipeline pipeline;

  BackpressureIT(KafkaCluster kafka, SchemaRegistry registry, FreshNames names) {
    this.names = names;
    this.pipeline = Pipeline.create(kafka, registry, names, 2);
  }

  @Test
  void aSlowResultsTopicPausesTheIntake() {
    String client = names.of("slow-producer");
    Map<String, String> settings = settings(models());
    settings.put("kafka.producer.client.id", client);
    try (Admin admin = pipeline.kafka().admin();
        Scene scene = launch("slow-results", settings)) {
      // The broker takes about 25 results a second of this producer.
      limit(admin, client, List.of(new ClientQuotaAlteration.Op("producer_byte_rate", 12_000.0)));
      // 200 MB.
      scene.send(2_000, number -> Requests.heavy(number, 100_000));

      Pressure pressure = underPressure("slow results topic", scene);

      assertHeldBack(pressure, scene);
      limit(admin, client, List.of(new ClientQuotaAlteration.Op("producer_byte_rate", null)));
      scene.awaitEverythingEnded(DELIVERY);
    }
  }

  @Test
  void aSlowImageStorePausesTheIntake() throws IOException {
    Path images = Files.createDirectories(folder.resolve("images"));
    Files.write(images.resolve("red.png"), HostileImages.png(Color.RED, 64, 48));
    long length = Files.size(images.resolve("red.png"));
    try (ImageServer store = ImageServer.launch(images)) {
      // Each image takes about 2 s.
      store.behave("/", new Behaviour.Drip((int) (length / 20 + 1), Duration.ofMillis(100)));
      Map<String, String> settings = settings(models());
      settings.put("images.allow", store.url());
      try (Scene scene = launch("slow-store", settings)) {
        scene.send(2_000, number -> Requests.at(3 * number, store.url("/red.png")));

        Pressure pressure = underPressure("slow image store", scene);

        assertHeldBack(pressure, scene);
        store.reset();
        scene.awaitEverythingEnded(DELIVERY);
      }
    }
  }

  /** Nor does it make polling late: the call takes longer than the group waits for a poll. */
  @Test
  void aSlowModelPausesTheIntake() {
    Models models =
        new Models(folder.resolve("slow")).addSlow(Models.COLORS, Duration.ofSeconds(4));
    Map<String, String> settings = settings(models);
    settings.put("kafka.consumer.max.poll.interval.ms", "3000");
    try (Scene scene = launch("slow-model", settings)) {
      scene.send(100, Requests::color);

      Pressure pressure = underPressure("slow model", scene);

      assertHeldBack(pressure, scene);
      models.hurry(Models.COLORS);
      scene.awaitEverythingEnded(DELIVERY);
      assertThat(Members.changes(scene.worker())).hasSize(1);
    }
  }

  private Scene launch(String name, Map<String, String> settings) {
    Scene scene = Scene.of(pipeline, WorkerProcess.launch(name, folder, JVM, settings));
    scene.worker().awaitReady();
    return scene;
  }

  private Models models() {
    return Models.create(folder.resolve("models"));
  }

  private Map<String, String> settings(Models models) {
    Map<String, String> settings = pipeline.settings(models);
    settings.put("delivery", DELIVERY.text());
    settings.put("images.max_bytes", "2MiB");
    settings.put("in_flight.max_records", String.valueOf(MAX_RECORDS));
    settings.put("in_flight.max_bytes", String.valueOf(MAX_BYTES));
    return settings;
  }

  /** Waits until the worker says that it pauses, and watches it then. */
  private static Pressure underPressure(String what, Scene scene) {
    Awaitility.await()
        .atMost(Scene.LIMIT)
        .ignoreException(UncheckedIOException.class)
        .untilAsserted(() -> {
          assertThat(scene.worker().isRunning()).as(scene.worker()::logTail).isTrue();
          assertThat(Scrape.of(scene.worker()).sum("sluice_intake_paused")).isPositive();
        });
    Pressure pressure = Pressure.watch(scene.worker(), WATCHED);
    System.out.println(what + ": " + pressure);
    return pressure;
  }

  private static void assertHeldBack(Pressure pressure, Scene scene) {
    scene.results().readToEnd();
    assertThat(scene.sent() - scene.results().byId().size())
        .as("not answered yet, most of it not taken on")
        .isGreaterThan(MAX_RECORDS + 10);
    assertThat(pressure.samples().stream().filter(Pressure.Sample::paused).count())
        .as("moments at which it was paused: %s", pressure)
        .isGreaterThan(pressure.samples().size() / 2);
    assertThat(pressure.most(Pressure.Sample::records)).isLessThanOrEqualTo(MAX_RECORDS);
    assertThat(pressure.most(Pressure.Sample::bytes)).isLessThanOrEqualTo(MAX_BYTES);
    assertThat(pressure.growth()).isLessThan(ALLOWED_GROWTH);
  }

  private static void limit(Admin admin, String client, Collection<ClientQuotaAlteration.Op> ops) {
    ClientQuotaEntity entity = new ClientQuotaEntity(Map.of(ClientQuotaEntity.CLIENT_ID, client));
    Fault.done(
        admin
            .alterClientQuotas(List.of(new ClientQuotaAlteration(entity, new ArrayList<>(ops))))
            .all());
  }
}

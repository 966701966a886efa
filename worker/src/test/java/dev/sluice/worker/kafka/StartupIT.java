package dev.sluice.worker.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.devstack.KafkaCluster;
import dev.sluice.devstack.SchemaRegistry;
import dev.sluice.devstack.junit.FreshNames;
import dev.sluice.devstack.junit.WithDevstack;
import dev.sluice.v1.InferenceRequest;
import dev.sluice.worker.model.Position;
import dev.sluice.worker.model.RecordedParking;
import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

/** Finding brokers and registry, or not. */
@WithDevstack
class StartupIT {
  private static final String NOBODY = "127.0.0.1:1";

  private final KafkaCluster kafka;
  private final SchemaRegistry registry;
  private final FreshNames names;

  StartupIT(KafkaCluster kafka, SchemaRegistry registry, FreshNames names) {
    this.kafka = kafka;
    this.registry = registry;
    this.names = names;
  }

  private static StartupCheck check(ConnectionSettings connection) {
    return new StartupCheck(connection, Duration.ofSeconds(1), System::nanoTime);
  }

  private static ConnectionSettings connection(String brokers, String registryUrl) {
    return new ConnectionSettings(
        brokers,
        registryUrl,
        "group",
        Map.of("request.timeout.ms", "500", "default.api.timeout.ms", "1000"),
        Map.of(),
        Map.of());
  }

  @Test
  void whatIsThereIsFound() throws Exception {
    try (Wire wire = Wire.open(kafka, registry, names, 1);
        RegistryClient client =
            RegistryClient.open(wire.connection, Backoff.DEFAULT, new Events())) {
      assertThat(check(wire.connection).awaitBrokers(wire.topics))
          .isEqualTo(GroupProtocol.CONSUMER);
      ResultCodec unregistered = new ResultCodec(client, wire.topics.results(), "w", false);
      assertThatThrownBy(() -> check(wire.connection).awaitRegistry(client, unregistered))
          .isInstanceOf(StartupException.class)
          .hasMessageContaining("sluice schemas register");
      check(wire.connection)
          .awaitRegistry(client, new ResultCodec(client, wire.topics.results(), "w", true));
      assertThat(
              client.client().getLatestSchemaMetadata(wire.topics.results() + "-value").getSchema())
          .doesNotContain("avro.java.string");
    }
  }

  @Test
  void aMissingTopicIsNamed() {
    try (Wire wire = Wire.bare(kafka, registry, names, 1)) {
      assertThatThrownBy(() -> check(wire.connection).awaitBrokers(wire.topics))
          .isInstanceOf(StartupException.class)
          .hasMessageContaining(wire.topics.results())
          .hasMessageContaining(wire.topics.deadLetters())
          .hasMessageContaining("sluice topics create")
          .hasMessageNotContaining(wire.requests());
    }
  }

  @Test
  void waitingIsBounded() throws IOException {
    ConnectionSettings nowhere = connection(NOBODY, "http://" + NOBODY);
    try (Wire wire = Wire.bare(kafka, registry, names, 1);
        RegistryClient client = RegistryClient.open(nowhere, Backoff.DEFAULT, new Events())) {
      assertThatThrownBy(() -> check(nowhere).awaitBrokers(wire.topics))
          .isInstanceOf(StartupException.class)
          .hasMessageContaining(NOBODY);
      ResultCodec results = new ResultCodec(client, wire.topics.results(), "w", true);
      assertThatThrownBy(() -> check(nowhere).awaitRegistry(client, results))
          .isInstanceOf(StartupException.class)
          .hasMessageContaining(NOBODY);
    }
  }

  @Test
  void aRecordWaitsForARegistryThatIsAway() throws Exception {
    Events events = new Events();
    Backoff quick = new Backoff(Duration.ofMillis(10), Duration.ofMillis(50));
    try (RegistryClient away =
        RegistryClient.open(connection(NOBODY, "http://" + NOBODY), quick, events)) {
      RequestCodec codec = new RequestCodec(away, "signs", InstantSource.system());
      byte[] value = ByteBuffer.allocate(50).put((byte) 0).putInt(77).array();
      CompletableFuture<Decoded> decoded = new CompletableFuture<>();
      Thread thread =
          Thread.startVirtualThread(() -> {
            try {
              decoded.complete(codec.decode(received("requests", value), new RecordedParking()));
            } catch (InterruptedException e) {
              decoded.completeExceptionally(e);
            }
          });
      await().until(() -> events.registryFailures.size() >= 3);
      assertThat(decoded).isNotDone();
      thread.interrupt();
      assertThatThrownBy(decoded::get)
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(InterruptedException.class);
    }
  }

  @Test
  void aSchemaRegisteredUnderAnotherSubjectIsUnderstood()
      throws IOException, RestClientException, InterruptedException {
    ConnectionSettings here = connection(kafka.bootstrapServers(), registry.url());
    String topic = names.of("requests");
    try (RegistryClient client = RegistryClient.open(here, Backoff.DEFAULT, new Events());
        Wire wire = Wire.bare(kafka, registry, names, 1)) {
      int id =
          client
              .client()
              .register(
                  names.of("dev.sluice.v1.request"),
                  new AvroSchema(InferenceRequest.getClassSchema()));
      byte[] value = wire.encode(Wire.request("other").build());
      ByteBuffer.wrap(value).putInt(1, id);
      RequestCodec codec = new RequestCodec(client, "signs", InstantSource.system());
      assertThat(codec.decode(received(topic, value), new RecordedParking()))
          .isInstanceOfSatisfying(
              Decoded.Request.class,
              each -> assertThat(each.task().requestId()).isEqualTo("other"));
    }
  }

  @Test
  void anUnknownSchemaIdIsUnknown() throws IOException, InterruptedException {
    ConnectionSettings here = connection(kafka.bootstrapServers(), registry.url());
    try (RegistryClient client = RegistryClient.open(here, Backoff.DEFAULT, new Events())) {
      assertThat(client.knows("s-value", 99_999_999, new RecordedParking())).isFalse();
    }
  }

  private static Received received(String topic, byte[] value) {
    ConsumerRecord<byte[], byte[]> record = new ConsumerRecord<>(topic, 0, 0, new byte[0], value);
    Topics topics = new Topics(List.of(topic), "some-results", "some-dlt", List.of());
    return new Received(record, new Position(topic, 0, 0, 1), Provenance.of(record, topics));
  }
}

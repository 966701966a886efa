package dev.sluice.worker.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.devstack.KafkaCluster;
import dev.sluice.devstack.SchemaRegistry;
import dev.sluice.devstack.junit.FreshNames;
import dev.sluice.schemas.ContractClasses;
import dev.sluice.v1.InferenceRequest;
import dev.sluice.v1.InferenceResult;
import io.confluent.kafka.serializers.KafkaAvroDeserializer;
import io.confluent.kafka.serializers.KafkaAvroSerializer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Fresh topics of one test, and what producers and readers do with them. One thread. */
final class Wire implements AutoCloseable {
  final KafkaCluster kafka;
  final Topics topics;
  final ConnectionSettings connection;
  private final Producer<byte[], byte[]> producer;
  private final List<Future<RecordMetadata>> sent = new ArrayList<>();
  private final KafkaAvroSerializer serializer;
  private final KafkaAvroDeserializer deserializer;

  private Wire(KafkaCluster kafka, Topics topics, ConnectionSettings connection) {
    this.kafka = kafka;
    this.topics = topics;
    this.connection = connection;
    this.producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", kafka.bootstrapServers(), "max.request.size", 16 << 20),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    ContractClasses.trust();
    Map<String, Object> codec =
        Map.of(
            "schema.registry.url",
            connection.schemaRegistryUrl(),
            "specific.avro.reader",
            true,
            "avro.remove.java.properties",
            true);
    this.serializer = new KafkaAvroSerializer();
    serializer.configure(codec, false);
    this.deserializer = new KafkaAvroDeserializer();
    deserializer.configure(codec, false);
  }

  /** Names are fresh; only the topic of requests exists yet. */
  static Wire bare(KafkaCluster kafka, SchemaRegistry registry, FreshNames names, int partitions) {
    return bare(kafka, registry, names, partitions, List.of());
  }

  private static Wire bare(
      KafkaCluster kafka,
      SchemaRegistry registry,
      FreshNames names,
      int partitions,
      List<Duration> retries) {
    Topics topics =
        new Topics(List.of(names.of("requests")), names.of("results"), names.of("dlt"), retries);
    kafka.createTopic(topics.requests().getFirst(), partitions);
    return new Wire(
        kafka,
        topics,
        new ConnectionSettings(
            kafka.bootstrapServers(),
            registry.url(),
            names.of("group"),
            Map.of(),
            Map.of(),
            Map.of("max.block.ms", "2000")));
  }

  static Wire open(KafkaCluster kafka, SchemaRegistry registry, FreshNames names, int partitions) {
    return withRetries(kafka, registry, names, partitions, List.of());
  }

  /** With a retry topic of one partition for each delay. */
  static Wire withRetries(
      KafkaCluster kafka,
      SchemaRegistry registry,
      FreshNames names,
      int partitions,
      List<Duration> retries) {
    Wire wire = bare(kafka, registry, names, partitions, retries);
    retries.forEach(delay -> kafka.createTopic(Topics.retryTopic(wire.requests(), delay), 1));
    kafka.createTopic(wire.topics.results(), 1);
    kafka.createTopic(wire.topics.deadLetters(), 1);
    return wire;
  }

  String requests() {
    return topics.requests().getFirst();
  }

  ConnectionSettings withConsumer(Map<String, String> consumer) {
    return new ConnectionSettings(
        connection.bootstrapServers(),
        connection.schemaRegistryUrl(),
        connection.groupId(),
        connection.properties(),
        consumer,
        connection.producer());
  }

  static InferenceRequest.Builder request(String id) {
    return InferenceRequest.newBuilder().setRequestId(id).setImageUri("https://images/" + id);
  }

  byte[] encode(InferenceRequest request) {
    return serializer.serialize(requests(), request);
  }

  /** Sends requests r-0, r-1 ... round over the partitions, and waits until they are stored. */
  void sendRequests(int from, int to, int partitions) {
    for (int i = from; i < to; i++) {
      send(
          new ProducerRecord<>(
              requests(), i % partitions, null, encode(request("r-" + i).build())));
    }
    flush();
  }

  void send(ProducerRecord<byte[], byte[]> outgoing) {
    sent.add(producer.send(outgoing));
  }

  /** Waits until everything sent is stored. */
  void flush() {
    producer.flush();
    sent.forEach(each -> assertThat(each).succeedsWithin(Duration.ofSeconds(10)));
    sent.clear();
  }

  /** Everything that is on a topic now, from its beginning, as a reader of committed records. */
  List<ConsumerRecord<byte[], byte[]>> read(String topic) {
    List<ConsumerRecord<byte[], byte[]>> all = new ArrayList<>();
    try (Consumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers", kafka.bootstrapServers(), "isolation.level", "read_committed"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(each -> new TopicPartition(topic, each.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      consumer
          .endOffsets(partitions)
          .forEach((partition, end) -> {
            while (consumer.position(partition) < end) {
              consumer.poll(Duration.ofMillis(200)).forEach(all::add);
            }
          });
    }
    return all;
  }

  List<InferenceResult> results() {
    return read(topics.results()).stream().map(this::decode).toList();
  }

  InferenceResult decode(ConsumerRecord<byte[], byte[]> result) {
    return (InferenceResult)
        deserializer.deserialize(
            result.topic(), result.headers(), result.value(), InferenceResult.getClassSchema());
  }

  /** How many results each request has. */
  Map<String, Integer> answers() {
    Map<String, Integer> answers = new HashMap<>();
    results().forEach(result -> answers.merge(result.getRequestId(), 1, Integer::sum));
    return answers;
  }

  /** What the group has committed, partitions without a commit as 0. */
  long committed() {
    try (Admin admin = kafka.admin()) {
      return admin
          .listConsumerGroupOffsets(connection.groupId())
          .partitionsToOffsetAndMetadata()
          .get()
          .values()
          .stream()
          .mapToLong(OffsetAndMetadata::offset)
          .sum();
    } catch (ExecutionException e) {
      throw new AssertionError("cannot read the group's offsets", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  @Override
  public void close() {
    producer.close();
    serializer.close();
    deserializer.close();
  }
}

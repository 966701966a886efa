package dev.sluice.worker.kafka;

import dev.sluice.worker.ledger.PartitionId;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Makes Kafka's clients: our defaults, then what the configuration says, then what correctness does
 * not let anybody change.
 */
final class KafkaClients {
  /** Settings of the classic protocol that Kafka refuses under the new one. */
  private static final Set<String> CLASSIC_ONLY =
      Set.of("partition.assignment.strategy", "session.timeout.ms", "heartbeat.interval.ms");

  private KafkaClients() {}

  static Consumer<byte[], byte[]> consumer(
      ConnectionSettings connection, GroupProtocol offeredByBrokers) {
    return new KafkaConsumer<>(
        consumerSettings(connection, offeredByBrokers),
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer());
  }

  static Map<String, Object> consumerSettings(
      ConnectionSettings connection, GroupProtocol offeredByBrokers) {
    Map<String, Object> settings = new HashMap<>();
    // A new group begins with what is waiting; requests older than it are not to be lost.
    settings.put("auto.offset.reset", "earliest");
    // A request of an aborted transaction was never made.
    settings.put("isolation.level", "read_committed");
    // What is fetched ahead is memory outside the bounds on what is in flight (default 50 MiB).
    settings.put("fetch.max.bytes", 16 * 1024 * 1024);
    settings.putAll(connection.properties());
    settings.putAll(connection.consumer());
    if (!settings.containsKey("group.protocol")) {
      boolean classic =
          offeredByBrokers == GroupProtocol.CLASSIC
              || CLASSIC_ONLY.stream().anyMatch(settings::containsKey);
      settings.put("group.protocol", classic ? "classic" : "consumer");
    }
    if ("classic".equalsIgnoreCase(String.valueOf(settings.get("group.protocol")))) {
      settings.putIfAbsent(
          "partition.assignment.strategy",
          "org.apache.kafka.clients.consumer.CooperativeStickyAssignor");
    }
    settings.put("bootstrap.servers", connection.bootstrapServers());
    settings.put("group.id", connection.groupId());
    settings.put("enable.auto.commit", false);
    return settings;
  }

  static Producer<byte[], byte[]> producer(ConnectionSettings connection) {
    return new KafkaProducer<>(
        producerSettings(connection), new ByteArraySerializer(), new ByteArraySerializer());
  }

  static Map<String, Object> producerSettings(ConnectionSettings connection) {
    Map<String, Object> settings = new HashMap<>();
    // The results of a batch come together; one millisecond lets them share a request (default 5).
    settings.put("linger.ms", 1);
    // The topics decide how large a record may be (max.message.bytes), not this client.
    settings.put("max.request.size", 32 * 1024 * 1024);
    settings.put("buffer.memory", 64L * 1024 * 1024);
    // How long a send may wait for a topic that is not there; it is tried again after that.
    settings.put("max.block.ms", 10_000L);
    // A send whose partition is lost meanwhile may be stored that much later (default 120 s).
    settings.put("delivery.timeout.ms", 30_000);
    settings.put("request.timeout.ms", 10_000);
    settings.putAll(connection.properties());
    settings.putAll(connection.producer());
    settings.put("bootstrap.servers", connection.bootstrapServers());
    settings.put("acks", "all");
    settings.put("enable.idempotence", true);
    return settings;
  }

  static Admin admin(ConnectionSettings connection) {
    Map<String, Object> settings = new HashMap<>(connection.properties());
    settings.put("bootstrap.servers", connection.bootstrapServers());
    return Admin.create(settings);
  }

  static TopicPartition kafka(PartitionId partition) {
    return new TopicPartition(partition.topic(), partition.partition());
  }

  static PartitionId ours(TopicPartition partition) {
    return new PartitionId(partition.topic(), partition.partition());
  }

  static List<PartitionId> ours(Collection<TopicPartition> partitions) {
    return partitions.stream().map(KafkaClients::ours).toList();
  }
}

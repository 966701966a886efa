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
      ConnectionSettings connection, GroupProtocol offeredByBrokers, Guarantee guarantee) {
    Map<String, Object> settings = consumerSettings(connection, offeredByBrokers);
    if (guarantee == Guarantee.EXACTLY_ONCE) {
      // Whoever takes a partition over waits for the offsets of a transaction that is still open.
      settings.put("isolation.level", "read_committed");
    }
    return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
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
    } else {
      // The brokers' default evens out the sum over all topics: one worker may get nearly all
      // partitions of requests, and others those of retries, which are as many and mostly empty.
      settings.putIfAbsent("group.remote.assignor", "range");
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
    // Results share requests; none waits when nobody is left who may join it (see AtLeastOnce).
    settings.put("linger.ms", 25);
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

  /**
   * A producer for transactions.
   *
   * @param worker names the worker: of two producers of one name, the later ends the earlier
   */
  static Producer<byte[], byte[]> transactionalProducer(
      ConnectionSettings connection, String worker) {
    return new KafkaProducer<>(
        transactionalSettings(connection, worker),
        new ByteArraySerializer(),
        new ByteArraySerializer());
  }

  static Map<String, Object> transactionalSettings(ConnectionSettings connection, String worker) {
    Map<String, Object> settings = new HashMap<>();
    // A worker that dies in a transaction keeps readers of its results waiting that long.
    settings.put("transaction.timeout.ms", 20_000);
    // What waits for the brokers is tried again; a topic that is not there holds others up for so
    // long.
    settings.put("max.block.ms", 3_000L);
    settings.put("delivery.timeout.ms", 15_000);
    Map<String, Object> all = producerSettings(connection);
    settings.forEach((key, value) -> {
      if (!connection.properties().containsKey(key) && !connection.producer().containsKey(key)) {
        all.put(key, value);
      }
    });
    all.put("transactional.id", connection.groupId() + "-" + worker);
    return all;
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

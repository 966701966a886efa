package dev.sluice.system;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads a topic from its beginning, record after record, in no group. What a transaction has not
 * committed is not seen. Used by one thread.
 */
final class TopicReader implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration END_LIMIT = Duration.ofSeconds(30);

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final List<TopicPartition> partitions;
  private final Consumer<ConsumerRecord<byte[], byte[]>> visitor;

  /**
   * @param visitor given every record once, in order within a partition
   */
  TopicReader(
      String bootstrapServers, String topic, Consumer<ConsumerRecord<byte[], byte[]>> visitor) {
    this.consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers",
                bootstrapServers,
                "enable.auto.commit",
                false,
                "isolation.level",
                "read_committed"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    this.partitions =
        consumer.partitionsFor(topic).stream()
            .map(info -> new TopicPartition(topic, info.partition()))
            .toList();
    this.visitor = visitor;
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
  }

  /** All records of a topic as it is now. */
  static List<ConsumerRecord<byte[], byte[]>> all(String bootstrapServers, String topic) {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    try (TopicReader reader = new TopicReader(bootstrapServers, topic, records::add)) {
      reader.readToEnd();
    }
    return records;
  }

  /**
   * Reads on until {@code enough} holds.
   *
   * @return whether it held within {@code limit}
   */
  boolean readUntil(BooleanSupplier enough, Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!enough.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        return false;
      }
      consumer.poll(POLL).forEach(visitor);
    }
    return true;
  }

  /** Reads on until all records are read that the topic holds when this is called. */
  void readToEnd() {
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    BooleanSupplier atEnd =
        () ->
            partitions.stream()
                .allMatch(partition ->
                    consumer.position(partition) >= requireNonNull(ends.get(partition)));
    if (!readUntil(atEnd, END_LIMIT)) {
      throw new AssertionError("the end of " + ends + " was not reached within " + END_LIMIT);
    }
  }

  @Override
  public void close() {
    consumer.close();
  }
}

package dev.sluice.tools.dlt;

import dev.sluice.tools.CommandException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads a topic from its first record to where it ended when the reading began, and then stops,
 * however many records come in meanwhile. Commits nothing and joins no group. Used by one thread.
 */
final class TopicScan implements AutoCloseable {

  private static final Duration POLL = Duration.ofMillis(500);

  /**
   * The brokers have said there is more; if nothing of it comes for so long, they are in trouble.
   */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final String topic;
  private final LongSupplier nanoTime;

  /**
   * @param clientProperties where the brokers are and how to log in
   * @param topic what to read
   * @param nanoTime measures how long nothing came; {@code System::nanoTime}
   */
  TopicScan(Map<String, Object> clientProperties, String topic, LongSupplier nanoTime) {
    Map<String, Object> properties = new HashMap<>(clientProperties);
    properties.put("enable.auto.commit", "false");
    properties.put("auto.offset.reset", "none");
    properties.put("allow.auto.create.topics", "false");
    // Records of transactions that were aborted never counted.
    properties.put("isolation.level", "read_committed");
    properties.remove("group.id");
    this.consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    this.topic = topic;
    this.nanoTime = nanoTime;
  }

  /**
   * Gives every record to {@code visitor}, in order within a partition.
   *
   * @throws CommandException if there is no such topic or the brokers stop answering
   */
  void forEach(Consumer<ConsumerRecord<byte[], byte[]>> visitor) {
    List<TopicPartition> partitions = partitions();
    consumer.assign(partitions);
    Map<TopicPartition, Long> begin = consumer.beginningOffsets(partitions);
    Map<TopicPartition, Long> end = consumer.endOffsets(partitions);
    begin.forEach(consumer::seek);
    read(end, visitor);
  }

  /**
   * The record at {@code offset} of {@code partition}; empty if the topic does not hold one there.
   *
   * @throws CommandException if there is no such topic or partition, or the brokers stop answering
   */
  Optional<ConsumerRecord<byte[], byte[]>> at(int partition, long offset) {
    TopicPartition wanted = new TopicPartition(topic, partition);
    if (!partitions().contains(wanted)) {
      throw CommandException.failed(
          "%s has no partition %d, only 0 to %d"
              .formatted(topic, partition, partitions().size() - 1));
    }
    List<TopicPartition> only = List.of(wanted);
    consumer.assign(only);
    long begin = consumer.beginningOffsets(only).getOrDefault(wanted, 0L);
    long end = consumer.endOffsets(only).getOrDefault(wanted, 0L);
    if (offset < begin || offset >= end) {
      return Optional.empty();
    }
    consumer.seek(wanted, offset);
    Holder found = new Holder(offset);
    read(Map.of(wanted, offset + 1), found);
    return found.record();
  }

  private void read(
      Map<TopicPartition, Long> end, Consumer<ConsumerRecord<byte[], byte[]>> visitor) {
    Set<TopicPartition> unfinished = new HashSet<>(end.keySet());
    dropFinished(unfinished, end);
    long lastProgress = nanoTime.getAsLong();
    while (!unfinished.isEmpty()) {
      Map<TopicPartition, Long> before = positions(unfinished);
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        TopicPartition partition = new TopicPartition(record.topic(), record.partition());
        if (record.offset() < end.getOrDefault(partition, 0L)) {
          visitor.accept(record);
        }
      }
      long now = nanoTime.getAsLong();
      if (!before.equals(positions(unfinished))) {
        lastProgress = now;
      } else if (now - lastProgress > PATIENCE.toNanos()) {
        throw CommandException.failed(
            "no record of %s came for %d s although there are more. Are the leaders of its partitions up?"
                .formatted(topic, PATIENCE.toSeconds()));
      }
      dropFinished(unfinished, end);
    }
  }

  /**
   * Pauses partitions that are read to their end, so that the next poll is for the others alone.
   */
  private void dropFinished(Set<TopicPartition> unfinished, Map<TopicPartition, Long> end) {
    Set<TopicPartition> finished = new HashSet<>();
    for (TopicPartition partition : unfinished) {
      if (consumer.position(partition) >= end.getOrDefault(partition, 0L)) {
        finished.add(partition);
      }
    }
    consumer.pause(finished);
    unfinished.removeAll(finished);
  }

  private Map<TopicPartition, Long> positions(Set<TopicPartition> partitions) {
    Map<TopicPartition, Long> positions = new HashMap<>();
    partitions.forEach(partition -> positions.put(partition, consumer.position(partition)));
    return positions;
  }

  private List<TopicPartition> partitions() {
    List<PartitionInfo> found = consumer.partitionsFor(topic);
    if (found == null || found.isEmpty()) {
      throw CommandException.failed(
          "there is no topic %s. Name the right one with --dead-letters-topic, or create it: sluice topics create"
              .formatted(topic));
    }
    return found.stream().map(info -> new TopicPartition(topic, info.partition())).toList();
  }

  @Override
  public void close() {
    consumer.close();
  }

  /** Keeps the record at one offset. Command thread only. */
  private static final class Holder implements Consumer<ConsumerRecord<byte[], byte[]>> {
    private final long offset;
    private Optional<ConsumerRecord<byte[], byte[]>> found = Optional.empty();

    Holder(long offset) {
      this.offset = offset;
    }

    @Override
    public void accept(ConsumerRecord<byte[], byte[]> record) {
      if (record.offset() == offset) {
        found = Optional.of(record);
      }
    }

    Optional<ConsumerRecord<byte[], byte[]>> record() {
      return found;
    }
  }
}

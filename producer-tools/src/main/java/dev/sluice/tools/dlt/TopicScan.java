package dev.sluice.tools.dlt;

import dev.sluice.tools.CommandException;
import dev.sluice.tools.Progress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads a stretch of a topic, which ends where the topic ended when it was measured, however many
 * records come in meanwhile. Says on stderr how far it is when that takes long. Commits nothing and
 * is no member of a group. Used by one thread.
 */
final class TopicScan implements AutoCloseable {

  private static final Duration POLL = Duration.ofMillis(500);

  /**
   * The brokers have said there is more; if nothing of it comes for so long, they are in trouble.
   */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final String topic;
  private final Progress progress;
  private final LongSupplier nanoTime;

  /** Command thread only. How many offsets of the stretch that is being read are done. */
  private long done;

  /** Is given records. */
  interface Visitor {
    /**
     * Takes one record.
     *
     * @return whether to go on
     */
    boolean visit(ConsumerRecord<byte[], byte[]> record) throws InterruptedException;
  }

  private TopicScan(
      Map<String, Object> properties, String topic, Progress progress, LongSupplier nanoTime) {
    this.consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    this.topic = topic;
    this.progress = progress;
    this.nanoTime = nanoTime;
  }

  /**
   * Reads on behalf of nobody.
   *
   * @param clientProperties where the brokers are and how to log in
   * @param topic what to read
   * @param progress is told how far the reading is
   * @param nanoTime measures how long nothing came; {@code System::nanoTime}
   */
  static TopicScan open(
      Map<String, Object> clientProperties,
      String topic,
      Progress progress,
      LongSupplier nanoTime) {
    Map<String, Object> properties = readOnly(clientProperties);
    properties.remove("group.id");
    return new TopicScan(properties, topic, progress, nanoTime);
  }

  /** Reads on behalf of a group, so that {@link #groupMetadata} can be told to a transaction. */
  static TopicScan open(
      Map<String, Object> clientProperties,
      String topic,
      String group,
      Progress progress,
      LongSupplier nanoTime) {
    Map<String, Object> properties = readOnly(clientProperties);
    properties.put("group.id", group);
    return new TopicScan(properties, topic, progress, nanoTime);
  }

  private static Map<String, Object> readOnly(Map<String, Object> clientProperties) {
    Map<String, Object> properties = new HashMap<>(clientProperties);
    properties.put("enable.auto.commit", "false");
    properties.put("auto.offset.reset", "none");
    properties.put("allow.auto.create.topics", "false");
    // Records of transactions that were aborted never counted.
    properties.put("isolation.level", "read_committed");
    return properties;
  }

  /** Whom this reads on behalf of; only after it was opened so. */
  ConsumerGroupMetadata groupMetadata() {
    return consumer.groupMetadata();
  }

  /**
   * All that the topic holds now.
   *
   * @throws CommandException if there is no such topic
   */
  Stretch whole() {
    List<TopicPartition> partitions = partitions();
    // The client keeps what it hears of their ends only for partitions that are assigned.
    consumer.assign(partitions);
    return new Stretch(consumer.beginningOffsets(partitions), consumer.endOffsets(partitions));
  }

  /**
   * What the topic holds now, without the beginning of each partition that is older than {@code
   * window}. Later records may lie outside of it too: times need not grow with offsets.
   *
   * @throws CommandException if there is no such topic
   */
  Stretch from(TimeWindow window) {
    Stretch whole = whole();
    if (window.since() <= 0) {
      return whole;
    }
    Map<TopicPartition, Long> wanted = new HashMap<>();
    whole.begin().keySet().forEach(partition -> wanted.put(partition, window.since()));
    Map<TopicPartition, OffsetAndTimestamp> found = consumer.offsetsForTimes(wanted);
    Map<TopicPartition, Long> begin = new HashMap<>();
    whole
        .end()
        .forEach((partition, end) -> {
          OffsetAndTimestamp first = found.get(partition);
          begin.put(partition, first == null ? end : Math.min(end, first.offset()));
        });
    return new Stretch(begin, whole.end());
  }

  /**
   * Gives every record of {@code stretch} to {@code visitor}, in order within a partition, until it
   * has had enough.
   *
   * @return whether all was read
   * @throws CommandException if the brokers stop answering
   */
  boolean forEach(Stretch stretch, Visitor visitor) throws InterruptedException {
    List<TopicPartition> partitions = List.copyOf(stretch.begin().keySet());
    consumer.assign(partitions);
    partitions.forEach(partition -> consumer.seek(partition, stretch.begin(partition)));
    progress.begin("records of " + topic + " read", stretch.offsets());
    try {
      return read(stretch, visitor);
    } finally {
      progress.end();
    }
  }

  /**
   * The record at {@code offset} of {@code partition}; empty if the topic does not hold one there.
   *
   * @throws CommandException if there is no such topic or partition, or the brokers stop answering
   */
  Optional<ConsumerRecord<byte[], byte[]>> at(int partition, long offset)
      throws InterruptedException {
    TopicPartition wanted = new TopicPartition(topic, partition);
    Stretch whole = whole();
    if (!whole.begin().containsKey(wanted)) {
      throw CommandException.failed(
          "%s has no partition %d, only 0 to %d"
              .formatted(topic, partition, whole.begin().size() - 1));
    }
    if (offset < whole.begin(wanted) || offset >= whole.end(wanted)) {
      return Optional.empty();
    }
    List<ConsumerRecord<byte[], byte[]>> found = new ArrayList<>(1);
    Stretch only = new Stretch(Map.of(wanted, offset), Map.of(wanted, offset + 1));
    boolean _ = forEach(only, found::add);
    return found.stream().findFirst();
  }

  /** Whether there is a topic of this name, which may be no possible name at all. */
  boolean exists(String name) {
    try {
      List<PartitionInfo> found = consumer.partitionsFor(name);
      return found != null && !found.isEmpty();
    } catch (InvalidTopicException e) {
      return false; // No topic can have that name: that is the answer.
    }
  }

  private boolean read(Stretch stretch, Visitor visitor) throws InterruptedException {
    done = 0;
    Set<TopicPartition> unfinished = new HashSet<>(stretch.begin().keySet());
    dropFinished(unfinished, stretch);
    long lastProgress = nanoTime.getAsLong();
    while (!unfinished.isEmpty()) {
      Map<TopicPartition, Long> before = positions(unfinished);
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        TopicPartition partition = new TopicPartition(record.topic(), record.partition());
        if (record.offset() < stretch.end(partition)) {
          done++;
          progress.update(done, 0);
          if (!visitor.visit(record)) {
            return false;
          }
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
      dropFinished(unfinished, stretch);
    }
    return true;
  }

  /**
   * Pauses partitions that are read to their end, so that the next poll is for the others alone.
   */
  private void dropFinished(Set<TopicPartition> unfinished, Stretch stretch) {
    Set<TopicPartition> finished = new HashSet<>();
    for (TopicPartition partition : unfinished) {
      if (consumer.position(partition) >= stretch.end(partition)) {
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
    if (!exists(topic)) {
      throw CommandException.failed(
          "there is no topic %s. Name the right one with --dead-letters-topic, or create it: sluice topics create"
              .formatted(topic));
    }
    return consumer.partitionsFor(topic).stream()
        .map(info -> new TopicPartition(topic, info.partition()))
        .toList();
  }

  @Override
  public void close() {
    consumer.close();
  }
}

package dev.sluice.tools.results;

import dev.sluice.schemas.ContractClasses;
import dev.sluice.tools.CommandException;
import dev.sluice.tools.KafkaOptions;
import dev.sluice.v1.InferenceResult;
import io.confluent.kafka.serializers.KafkaAvroDeserializer;
import io.confluent.kafka.serializers.KafkaAvroDeserializerConfig;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads the results topic without being a member of any group: all partitions, from a position that
 * the caller chooses, committing nothing. Sees committed transactions only. A record that is no
 * result is reported and passed over. Used by one thread, which closes it.
 */
public final class ResultReader implements AutoCloseable {
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final KafkaAvroDeserializer deserializer;
  private final List<TopicPartition> partitions;
  private final Consumer<String> warnings;

  private ResultReader(
      KafkaConsumer<byte[], byte[]> consumer,
      KafkaAvroDeserializer deserializer,
      List<TopicPartition> partitions,
      Consumer<String> warnings) {
    this.consumer = consumer;
    this.deserializer = deserializer;
    this.partitions = partitions;
    this.warnings = warnings;
  }

  /**
   * Opens all partitions that the topic has now, from their beginning.
   *
   * @param warnings told about records that are passed over
   * @throws CommandException if there is no such topic
   */
  public static ResultReader open(KafkaOptions kafka, String topic, Consumer<String> warnings) {
    ContractClasses.trust();
    Map<String, Object> settings = new HashMap<>();
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.putAll(kafka.clientProperties());
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    Map<String, Object> registry = new HashMap<>(kafka.registryProperties());
    registry.put(KafkaAvroDeserializerConfig.SPECIFIC_AVRO_READER_CONFIG, true);
    KafkaAvroDeserializer deserializer = new KafkaAvroDeserializer();
    deserializer.configure(registry, false);
    KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    try {
      List<TopicPartition> partitions = new ArrayList<>();
      for (PartitionInfo info : consumer.partitionsFor(topic)) {
        partitions.add(new TopicPartition(topic, info.partition()));
      }
      if (partitions.isEmpty()) {
        throw CommandException.failed(
            "there is no topic %s at %s. Create it with: sluice topics create"
                .formatted(topic, kafka.bootstrapServers()));
      }
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      return new ResultReader(consumer, deserializer, partitions, warnings);
    } catch (RuntimeException e) {
      consumer.close();
      deserializer.close();
      throw e;
    }
  }

  /** Goes on with what arrives from now on. The position is fixed when this returns. */
  public void seekToEnd() {
    consumer.seekToEnd(partitions);
    // Seeking is lazy: without asking, the end would be looked up at the first poll.
    partitions.forEach(consumer::position);
  }

  /** Goes on with the first record of each partition that is not older than {@code since}. */
  public void seekTo(Instant since) {
    Map<TopicPartition, Long> times = new HashMap<>();
    partitions.forEach(partition -> times.put(partition, since.toEpochMilli()));
    Map<TopicPartition, OffsetAndTimestamp> found = consumer.offsetsForTimes(times);
    for (TopicPartition partition : partitions) {
      OffsetAndTimestamp first = found.get(partition);
      if (first == null) {
        consumer.seekToEnd(List.of(partition));
      } else {
        consumer.seek(partition, first.offset());
      }
    }
  }

  /** Where the partitions end now. */
  public Map<TopicPartition, Long> ends() {
    return consumer.endOffsets(partitions);
  }

  /** Whether everything before these ends has been read. */
  public boolean isPast(Map<TopicPartition, Long> ends) {
    return ends.entrySet().stream()
        .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
  }

  /** The next results; none when nothing came in time. */
  public List<ResultEvent> poll(Duration timeout) {
    List<ResultEvent> events = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(timeout)) {
      try {
        events.add(
            new ResultEvent(
                record.partition(),
                record.offset(),
                Instant.ofEpochMilli(record.timestamp()),
                decode(record)));
      } catch (SerializationException e) {
        if (isRegistryOut(e)) {
          throw e;
        }
        warnings.accept(
            "%s-%d offset %d is not a result and was passed over: %s"
                .formatted(record.topic(), record.partition(), record.offset(), reason(e)));
      }
    }
    return events;
  }

  private InferenceResult decode(ConsumerRecord<byte[], byte[]> record) {
    if (record.value() == null) {
      throw new SerializationException("the record has no value");
    }
    Object value;
    try {
      value = deserializer.deserialize(record.topic(), record.headers(), record.value());
    } catch (SerializationException e) {
      throw e;
    } catch (RuntimeException e) {
      // Avro meets damaged bytes with all sorts of unchecked exceptions.
      throw new SerializationException("the record's value is damaged", e);
    }
    if (value instanceof InferenceResult result) {
      return result;
    }
    throw new SerializationException(
        "the record holds a " + value.getClass().getName() + ", not an InferenceResult");
  }

  private static boolean isRegistryOut(SerializationException e) {
    for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof SocketException
          || cause instanceof SocketTimeoutException
          || cause instanceof UnknownHostException) {
        return true;
      }
    }
    return false;
  }

  private static String reason(SerializationException e) {
    return e.getCause() == null
        ? String.valueOf(e.getMessage())
        : e.getMessage() + ": " + e.getCause();
  }

  @Override
  public void close() {
    consumer.close();
    deserializer.close();
  }
}

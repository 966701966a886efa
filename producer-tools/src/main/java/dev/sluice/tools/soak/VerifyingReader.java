package dev.sluice.tools.soak;

import static java.util.Objects.requireNonNull;

import dev.sluice.schemas.ContractClasses;
import dev.sluice.v1.Classification;
import dev.sluice.v1.InferenceResult;
import io.confluent.kafka.serializers.KafkaAvroDeserializer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * Reads every result and every dead letter from the beginning, as a downstream consumer with {@code
 * read_committed} sees them, and the requests that dlt replay has sent, and tells the account.
 * {@link #run} is called once, on a thread of its own; the other methods by any.
 */
final class VerifyingReader implements Runnable {
  /** What dlt replay says about a request that it sends. */
  private static final String REPLAYED_FROM = "sluice-replayed-from";

  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration END_LIMIT = Duration.ofSeconds(60);

  private final String bootstrapServers;
  private final String results;
  private final String deadLetters;
  private final Traffic traffic;
  private final RequestTopic requests;
  private final Map<TopicPartition, Long> read = new ConcurrentHashMap<>();
  private final Account account;
  private final KafkaAvroDeserializer avro = new KafkaAvroDeserializer();
  private final CountDownLatch finish = new CountDownLatch(1);

  private volatile String failure = "";

  VerifyingReader(
      String bootstrapServers,
      String registryUrl,
      String results,
      String deadLetters,
      Traffic traffic,
      RequestTopic requests,
      Account account) {
    this.bootstrapServers = bootstrapServers;
    this.results = results;
    this.deadLetters = deadLetters;
    this.traffic = traffic;
    this.requests = requests;
    this.account = account;
    ContractClasses.trust();
    avro.configure(Map.of("schema.registry.url", registryUrl, "specific.avro.reader", true), false);
  }

  /** Reads until {@link #finish}. */
  @Override
  public void run() {
    try (requests;
        avro;
        KafkaConsumer<byte[], byte[]> consumer = consumer()) {
      List<TopicPartition> partitions =
          Stream.of(requests.name(), results, deadLetters)
              .flatMap(topic -> consumer.partitionsFor(topic).stream())
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      while (finish.getCount() > 0) {
        poll(consumer);
      }
      readToEnd(consumer, partitions);
    } catch (KafkaException e) {
      failure = "the reader could not go on: " + e;
    }
  }

  private void readToEnd(KafkaConsumer<byte[], byte[]> consumer, List<TopicPartition> partitions) {
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    long deadline = System.nanoTime() + END_LIMIT.toNanos();
    while (partitions.stream()
        .anyMatch(
            partition -> consumer.position(partition) < requireNonNull(ends.get(partition)))) {
      if (System.nanoTime() - deadline > 0) {
        failure = "the end of the results was not reached: " + ends;
        return;
      }
      poll(consumer);
    }
  }

  private void poll(KafkaConsumer<byte[], byte[]> consumer) {
    consumer.poll(POLL).forEach(this::visit);
    consumer.assignment().forEach(partition -> read.put(partition, consumer.position(partition)));
  }

  /** Whether the account has been told of everything before these offsets. */
  boolean hasRead(Map<TopicPartition, Long> ends) {
    return ends.entrySet().stream()
        .allMatch(end -> read.getOrDefault(end.getKey(), 0L) >= end.getValue());
  }

  /** Lets {@link #run} read what is there by then, and return. */
  void finish() {
    finish.countDown();
  }

  /** Why it ended before its time; empty when it did not. */
  String failure() {
    return failure;
  }

  private KafkaConsumer<byte[], byte[]> consumer() {
    return new KafkaConsumer<>(
        Map.of(
            "bootstrap.servers",
            bootstrapServers,
            "enable.auto.commit",
            false,
            "isolation.level",
            "read_committed"),
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer());
  }

  private void visit(ConsumerRecord<byte[], byte[]> record) {
    if (record.topic().equals(results)) {
      account.result(result(record));
    } else if (record.topic().equals(deadLetters)) {
      account.deadLetter(deadLetter(record));
    } else if (record.headers().lastHeader(REPLAYED_FROM) != null) {
      account.replayed(header(record, Traffic.HEADER), header(record, REPLAYED_FROM));
    }
  }

  private Account.Result result(ConsumerRecord<byte[], byte[]> record) {
    InferenceResult result = (InferenceResult) avro.deserialize(record.topic(), record.value());
    return new Account.Result(
        result.getRequestId(),
        text(record.key()),
        header(record, Traffic.HEADER),
        header(record, REPLAYED_FROM),
        result.getStatus(),
        result.getError() == null ? "" : result.getError().getCode(),
        label(result));
  }

  private static String label(InferenceResult result) {
    return result.getOutput() instanceof Classification classification
            && !classification.getClasses().isEmpty()
        ? String.valueOf(classification.getClasses().getFirst().getLabel())
        : "";
  }

  private Account.DeadLetter deadLetter(ConsumerRecord<byte[], byte[]> record) {
    String id = header(record, Traffic.HEADER);
    OptionalInt number = traffic.number(id);
    boolean intact = number.isPresent() && isIntact(record, number.getAsInt());
    return new Account.DeadLetter(
        id, header(record, REPLAYED_FROM), header(record, "sluice-error-code"), intact);
  }

  private boolean isIntact(ConsumerRecord<byte[], byte[]> record, int number) {
    ProducerRecord<byte[], byte[]> sent = requests.record(traffic.planned(number));
    return Arrays.equals(sent.key(), record.key()) && Arrays.equals(sent.value(), record.value());
  }

  private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    Header header = record.headers().lastHeader(name);
    return header == null ? "" : text(header.value());
  }

  private static String text(byte @Nullable [] bytes) {
    return bytes == null ? "" : new String(bytes, StandardCharsets.UTF_8);
  }
}

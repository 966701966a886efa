package dev.sluice.tools.bench;

import dev.sluice.schemas.ContractClasses;
import dev.sluice.v1.InferenceRequest;
import io.confluent.kafka.serializers.KafkaAvroSerializer;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Sends requests to one topic, evenly over its partitions. Used by one thread, which closes it. */
final class Requests implements AutoCloseable {
  /**
   * Up to here partitions take turns with each record. The client sends a partition's records
   * together: of thousands, it would send each record alone.
   */
  private static final int FEW_PARTITIONS = 100;

  private static final int MANY_IN_A_ROW = 20;

  /** The default of {@code linger.ms} since Kafka 4.0 (KIP-1030). */
  static final int LINGER_MILLIS = 5;

  /** Carries, on a request and so on its result, the time for which it was planned. */
  static final String PLANNED = "bench-planned";

  private final String topic;
  private final int partitions;
  private final List<Consumer<InferenceRequest.Builder>> images;
  private final KafkaAvroSerializer avro = new KafkaAvroSerializer();
  private final Producer<byte[], byte[]> producer;

  private final AtomicLong failed = new AtomicLong();
  private final int inARow;
  private long sent;

  /**
   * @param images each says where one image is; they take turns
   * @param lingerMillis how long the client waits for more to send
   */
  Requests(
      String bootstrapServers,
      String registryUrl,
      String topic,
      int partitions,
      List<Consumer<InferenceRequest.Builder>> images,
      int lingerMillis) {
    this.topic = topic;
    this.partitions = partitions;
    this.inARow = partitions > FEW_PARTITIONS ? MANY_IN_A_ROW : 1;
    this.images = List.copyOf(images);
    ContractClasses.trust();
    avro.configure(
        Map.of(
            "schema.registry.url",
            registryUrl,
            "auto.register.schemas",
            false,
            "avro.remove.java.properties",
            true),
        false);
    this.producer =
        new KafkaProducer<>(
            Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers,
                ProducerConfig.LINGER_MS_CONFIG,
                lingerMillis,
                ProducerConfig.BATCH_SIZE_CONFIG,
                128 * 1024),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  /** An image at an address. */
  static Consumer<InferenceRequest.Builder> at(String address) {
    return request -> request.setImageUri(address);
  }

  /** An image within the request. */
  static Consumer<InferenceRequest.Builder> inline(byte[] encoded) {
    return request -> request.setImageBytes(ByteBuffer.wrap(encoded));
  }

  /**
   * Hands a request to the Kafka client.
   *
   * @param plannedNanos when it was to be sent, by {@link System#nanoTime}
   */
  void send(long plannedNanos) {
    InferenceRequest.Builder request = InferenceRequest.newBuilder().setRequestId("bench-" + sent);
    images.get((int) (sent % images.size())).accept(request);
    List<Header> headers =
        List.of(
            new RecordHeader(
                PLANNED, ByteBuffer.allocate(Long.BYTES).putLong(plannedNanos).array()));
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(
            topic,
            (int) (sent / inARow % partitions),
            null,
            null,
            avro.serialize(topic, request.build()),
            headers);
    sent++;
    var _ =
        producer.send(
            record,
            (_, exception) -> {
              if (exception != null) {
                failed.incrementAndGet();
              }
            });
  }

  /** Sends so many at once, and waits until the brokers have them. */
  void burst(long count) {
    for (long i = 0; i < count; i++) {
      send(System.nanoTime());
    }
    flush();
  }

  /**
   * Waits until the brokers have all that was sent.
   *
   * @throws KafkaException when they do not take some
   */
  void flush() {
    producer.flush();
    if (failed.get() > 0) {
      throw new KafkaException(failed.get() + " requests could not be sent to " + topic);
    }
  }

  /** How many were handed over so far. */
  long sent() {
    return sent;
  }

  @Override
  public void close() {
    producer.close();
    avro.close();
  }
}

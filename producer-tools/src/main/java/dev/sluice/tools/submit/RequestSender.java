package dev.sluice.tools.submit;

import dev.sluice.schemas.ContractClasses;
import dev.sluice.tools.CommandException;
import dev.sluice.tools.KafkaOptions;
import dev.sluice.v1.InferenceRequest;
import io.confluent.kafka.serializers.AbstractKafkaSchemaSerDeConfig;
import io.confluent.kafka.serializers.KafkaAvroSerializer;
import io.confluent.kafka.serializers.KafkaAvroSerializerConfig;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Sends requests, each acknowledged by all in-sync replicas and written once (idempotent producer).
 * The schema must be registered already: a producer that registers whatever it was built with would
 * change the contract behind its owners' back. Used by one thread; the listener is called on the
 * producer's.
 */
final class RequestSender implements AutoCloseable {
  /** What a record has beside the image: ids, metadata, headers, framing. */
  private static final int ROOM_BESIDE_IMAGE = 64 * 1024;

  private static final int DEFAULT_MAX_REQUEST_SIZE = 1024 * 1024;

  private final KafkaProducer<String, InferenceRequest> producer;
  private final String topic;
  private final KeyStrategy keys;

  private RequestSender(
      KafkaProducer<String, InferenceRequest> producer, String topic, KeyStrategy keys) {
    this.producer = producer;
    this.topic = topic;
    this.keys = keys;
  }

  /** What became of one request. */
  interface Listener {
    /** The brokers have it. */
    void sent(InferenceRequest request, RecordMetadata where);

    /** The brokers do not have it, or nobody knows. */
    void failed(InferenceRequest request, Exception why);
  }

  /**
   * Connects.
   *
   * @param maxImageBytes the largest image that goes inside a request
   * @throws CommandException if the topic does not exist
   */
  static RequestSender open(
      KafkaOptions kafka, String topic, KeyStrategy keys, long maxImageBytes) {
    ContractClasses.trust();
    Map<String, Object> settings = new HashMap<>();
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 15_000);
    settings.put(
        ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
        (int)
            Math.min(
                Integer.MAX_VALUE,
                Math.max(DEFAULT_MAX_REQUEST_SIZE, maxImageBytes + ROOM_BESIDE_IMAGE)));
    settings.putAll(kafka.clientProperties());
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    Map<String, Object> registry = new HashMap<>();
    registry.put(AbstractKafkaSchemaSerDeConfig.AUTO_REGISTER_SCHEMAS, false);
    registry.put(KafkaAvroSerializerConfig.AVRO_REMOVE_JAVA_PROPS_CONFIG, true);
    registry.putAll(kafka.registryProperties());
    KafkaAvroSerializer avro = new KafkaAvroSerializer();
    avro.configure(registry, false);
    KafkaProducer<String, InferenceRequest> producer =
        new KafkaProducer<>(
            settings, new StringSerializer(), (name, request) -> avro.serialize(name, request));
    try {
      producer.partitionsFor(topic);
      return new RequestSender(producer, topic, keys);
    } catch (TimeoutException e) {
      producer.close();
      // The producer says the same of a missing topic and of missing brokers.
      throw CommandException.failed(
          "no topic %s was found at %s in time. If the brokers are running, create it with: sluice topics create"
              .formatted(topic, kafka.bootstrapServers()),
          e);
    } catch (RuntimeException e) {
      producer.close();
      throw e;
    }
  }

  /**
   * Hands one request to the producer, waiting while its buffer is full.
   *
   * @throws SerializationException if the registry does not answer or does not know the schema; no
   *     other request would fare better
   */
  void send(InferenceRequest request, Listener listener) {
    ProducerRecord<String, InferenceRequest> record =
        new ProducerRecord<>(topic, keys.keyOf(request).orElse(null), request);
    var _ = // the listener is told
        producer.send(
            record,
            (metadata, exception) -> {
              if (exception == null) {
                listener.sent(request, metadata);
              } else {
                listener.failed(request, exception);
              }
            });
  }

  /** Waits until every request has been acknowledged or has failed. */
  void flush() {
    producer.flush();
  }

  @Override
  public void close() {
    producer.close();
  }
}

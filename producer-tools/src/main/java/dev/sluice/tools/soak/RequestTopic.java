package dev.sluice.tools.soak;

import dev.sluice.schemas.ContractClasses;
import dev.sluice.tools.soak.Traffic.Planned;
import dev.sluice.v1.InferenceRequest;
import io.confluent.kafka.serializers.KafkaAvroSerializer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeader;

/** The records of the traffic, byte for byte. Used by one thread; each has its own. */
final class RequestTopic implements AutoCloseable {
  private final String topic;
  private final Traffic traffic;
  private final KafkaAvroSerializer avro = new KafkaAvroSerializer();

  RequestTopic(String topic, Traffic traffic, String registryUrl) {
    this.topic = topic;
    this.traffic = traffic;
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
  }

  /** The topic's name. */
  String name() {
    return topic;
  }

  /** The record of a request; the key is empty for none, which is not the same. */
  ProducerRecord<byte[], byte[]> record(Planned planned) {
    String id = traffic.requestId(planned.number());
    return new ProducerRecord<>(
        topic,
        null,
        null,
        planned.key().isEmpty() ? null : utf8(planned.key()),
        traffic.value(planned, this::encode),
        List.of(new RecordHeader(Traffic.HEADER, utf8(id))));
  }

  private byte[] encode(InferenceRequest request) {
    return avro.serialize(topic, request);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    avro.close();
  }
}

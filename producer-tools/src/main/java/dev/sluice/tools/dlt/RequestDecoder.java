package dev.sluice.tools.dlt;

import dev.sluice.schemas.ContractClasses;
import dev.sluice.v1.InferenceRequest;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import io.confluent.kafka.serializers.KafkaAvroDeserializer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/**
 * Reads what is in a dead letter, if it can be read: dead letters are there because something was
 * wrong with them. Used by one thread. The registry is asked at most once in vain; after that every
 * payload is {@link Payload.Unreadable}.
 */
final class RequestDecoder implements AutoCloseable {

  private static final byte MAGIC = 0;
  private static final int HEADER_BYTES = 1 + Integer.BYTES;

  private final SchemaRegistryClient registry;
  private final KafkaAvroDeserializer deserializer;

  /** Command thread only. What the registry's absence is told with, empty while it answers. */
  private String registryAbsent = "";

  /**
   * @param registry closed with this
   * @param properties settings for the deserializer, where the registry is among them
   */
  RequestDecoder(SchemaRegistryClient registry, Map<String, Object> properties) {
    ContractClasses.trust();
    this.registry = registry;
    Map<String, Object> settings = new HashMap<>(properties);
    settings.put("specific.avro.reader", "true");
    this.deserializer = new KafkaAvroDeserializer(registry, settings);
  }

  /** What {@code bytes} say. */
  Payload decode(String topic, byte[] bytes) {
    if (bytes.length < HEADER_BYTES || bytes[0] != MAGIC) {
      return new Payload.Unreadable(
          "not in Confluent's wire format (a zero byte, four bytes of schema id, Avro)");
    }
    if (!registryAbsent.isEmpty()) {
      return new Payload.Unreadable(registryAbsent);
    }
    int id = ByteBuffer.wrap(bytes, 1, Integer.BYTES).getInt();
    try {
      registry.getSchemaById(id);
    } catch (RestClientException e) {
      return new Payload.Unreadable(
          "the schema registry knows no schema %d (status %d)".formatted(id, e.getStatus()));
    } catch (IOException e) {
      registryAbsent = "the schema registry cannot be reached (" + e + ")";
      return new Payload.Unreadable(registryAbsent);
    }
    return decodeKnown(topic, bytes, id);
  }

  /** Why requests cannot be read at all, empty if they can. */
  String registryAbsent() {
    return registryAbsent;
  }

  private Payload decodeKnown(String topic, byte[] bytes, int id) {
    try {
      Object request = deserializer.deserialize(topic, bytes, InferenceRequest.getClassSchema());
      return request instanceof InferenceRequest readable
          ? new Payload.Request(readable)
          : new Payload.Unreadable("schema %d is not that of a request".formatted(id));
    } catch (RuntimeException | StackOverflowError e) {
      // Any bytes and any schema may be here; the stack is whole again once an overflow is caught.
      return new Payload.Unreadable("not a request by schema %d (%s)".formatted(id, innermost(e)));
    }
  }

  private static Throwable innermost(Throwable thrown) {
    Throwable current = thrown;
    while (current.getCause() != null) {
      current = current.getCause();
    }
    return current;
  }

  @Override
  public void close() {
    // Closes the registry's client too.
    deserializer.close();
  }
}

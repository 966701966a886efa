package dev.sluice.worker.kafka;

import static java.util.Objects.requireNonNull;

import dev.sluice.schemas.ContractClasses;
import dev.sluice.v1.InferenceRequest;
import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.ImageTask;
import dev.sluice.worker.model.Parking;
import dev.sluice.worker.model.TaskException;
import io.confluent.kafka.serializers.KafkaAvroDeserializer;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;

/**
 * Makes requests of records' bytes: Confluent's wire format (a zero byte, four bytes of schema id,
 * Avro) read through Confluent's own deserializer, then the contract's rules. Safe for any thread.
 *
 * <p>The bytes are hostile. Whatever they are, an answer comes back and memory stays within a small
 * multiple of the record: Avro refuses lengths beyond the bytes that are left. Only the registry's
 * absence makes this wait.
 */
public final class RequestCodec {
  private static final byte MAGIC = 0;
  private static final int HEADER_BYTES = 5;

  private final RegistryClient registry;
  private final KafkaAvroDeserializer deserializer;
  private final RequestRules rules;
  private final InstantSource clock;

  /**
   * @param defaultModel the model of a request that names none
   * @param clock stands in for a record's timestamp when it has none
   */
  public RequestCodec(RegistryClient registry, String defaultModel, InstantSource clock) {
    this.registry = requireNonNull(registry, "registry is null");
    this.rules = new RequestRules(requireNonNull(defaultModel, "defaultModel is null"));
    this.clock = requireNonNull(clock, "clock is null");
    ContractClasses.trust();
    this.deserializer =
        new KafkaAvroDeserializer(
            registry.client(),
            Map.of("schema.registry.url", "given-by-the-client", "specific.avro.reader", true),
            false);
  }

  /**
   * Decodes and checks a record.
   *
   * @param parking hears when the record waits for the registry
   * @throws InterruptedException when interrupted while the registry cannot be asked
   */
  Decoded decode(Received received, Parking parking) throws InterruptedException {
    String topic = received.provenance().topic();
    byte[] value = received.record().value();
    if (value == null) {
      return undecodable("the record has no value");
    }
    if (value.length < HEADER_BYTES || value[0] != MAGIC) {
      return undecodable(
          "the record's %d bytes are not in Confluent's wire format (a zero byte, four bytes of schema id, Avro)"
              .formatted(value.length));
    }
    int id = ByteBuffer.wrap(value, 1, Integer.BYTES).getInt();
    if (!registry.knows(topic + "-value", id, parking)) {
      return undecodable("the schema registry has no schema with id " + id);
    }
    InferenceRequest request;
    try {
      request =
          (InferenceRequest)
              deserializer.deserialize(
                  topic, received.record().headers(), value, InferenceRequest.getClassSchema());
    } catch (RuntimeException | StackOverflowError e) {
      // A hostile schema may nest without end; the stack is whole again once this is caught.
      return new Decoded.Undecodable(
          new TaskException(
              ErrorCode.INVALID_REQUEST,
              "the record's bytes are not an InferenceRequest as schema %d says: %s"
                  .formatted(id, rootMessage(e)),
              e));
    }
    return checked(request, received, submittedAt(received.provenance()));
  }

  private Decoded checked(InferenceRequest request, Received received, Instant submittedAt) {
    try {
      ImageTask task =
          rules.apply(request, received.position(), received.provenance().attempt(), submittedAt);
      return new Decoded.Request(request, task);
    } catch (TaskException e) {
      return new Decoded.Invalid(request, e);
    }
  }

  private Instant submittedAt(Provenance provenance) {
    return provenance.timestamp() < 0
        ? clock.instant()
        : Instant.ofEpochMilli(provenance.timestamp());
  }

  private static Decoded undecodable(String message) {
    return new Decoded.Undecodable(new TaskException(ErrorCode.INVALID_REQUEST, message));
  }

  private static String rootMessage(Throwable thrown) {
    Throwable root = thrown;
    for (int depth = 0; root.getCause() != null && depth < 20; depth++) {
      root = root.getCause();
    }
    return Text.bounded(root.toString(), 500);
  }
}

package dev.sluice.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.v1.Box;
import dev.sluice.v1.ClassScore;
import dev.sluice.v1.Classification;
import dev.sluice.v1.Detections;
import dev.sluice.v1.Embedding;
import dev.sluice.v1.Error;
import dev.sluice.v1.Image;
import dev.sluice.v1.InferenceRequest;
import dev.sluice.v1.InferenceResult;
import dev.sluice.v1.Point;
import dev.sluice.v1.Status;
import dev.sluice.v1.Tensor;
import dev.sluice.v1.Tensors;
import dev.sluice.v1.TextLine;
import dev.sluice.v1.TextLines;
import dev.sluice.v1.Timings;
import io.confluent.kafka.schemaregistry.avro.AvroSchemaProvider;
import io.confluent.kafka.schemaregistry.client.MockSchemaRegistryClient;
import io.confluent.kafka.serializers.KafkaAvroDeserializer;
import io.confluent.kafka.serializers.KafkaAvroSerializer;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The contract through the Confluent serializer that upstream and downstream use, against the
 * registry that comes with the Confluent client for tests; a real registry is asked in the
 * integration tests of the command line.
 */
class WireFormatTest {

  private static final Map<String, ?> CONFIG =
      Map.of(
          "schema.registry.url", "mock://unused",
          "specific.avro.reader", "true",
          // The generated classes note in their schemas that strings are java.lang.String, which is
          // nobody else's business.
          "avro.remove.java.properties", "true");

  private final MockSchemaRegistryClient registry =
      new MockSchemaRegistryClient(List.of(new AvroSchemaProvider()));
  private final KafkaAvroSerializer serializer = new KafkaAvroSerializer(registry, CONFIG);
  private final KafkaAvroDeserializer deserializer = new KafkaAvroDeserializer(registry, CONFIG);

  @BeforeAll
  static void trust() {
    ContractClasses.trust();
  }

  @AfterEach
  void close() {
    serializer.close();
    deserializer.close();
  }

  static Stream<SpecificRecord> records() {
    Instant when = Instant.ofEpochMilli(1_790_000_000_123L);
    Timings timings = new Timings(1.5, 2.25, 3.0, 0.0, 7.125, 13.875);
    Image image = new Image(640, 480, "jpeg", 54_321L);
    Map<String, String> metadata = Map.of("caméra", "Nº 7");
    return Stream.concat(
        Stream.of(
            new InferenceRequest(
                "r-1",
                "s3://photos/a.jpg",
                null,
                "00ff",
                "signs",
                "2",
                Map.of("top_k", "3"),
                when,
                metadata),
            new InferenceRequest(
                "r-2",
                null,
                ByteBuffer.wrap(new byte[] {(byte) 0xff, (byte) 0xd8, 0}),
                null,
                null,
                null,
                Map.of(),
                null,
                Map.of()),
            new InferenceResult(
                "r-3",
                Status.FAILED,
                null,
                null,
                null,
                null,
                new Error("IMAGE_NOT_FOUND", "404", 1),
                timings,
                0,
                "w",
                when,
                metadata),
            new InferenceResult(
                "r-4",
                Status.EXPIRED,
                "signs",
                null,
                null,
                image,
                new Error("DEADLINE_EXCEEDED", "late", 2),
                timings,
                0,
                "w",
                when,
                Map.of())),
        Stream.of(
                new Classification(List.of(new ClassScore(3, "cat", 0.75f))),
                new Detections(List.of(new Box(0, "sign", 0.5f, 1f, 2f, 30.5f, 40f))),
                new TextLines(
                    List.of(
                        new TextLine(
                            "SHELBURNE", 0.99f, List.of(new Point(1f, 2f), new Point(3f, 4f))))),
                new Embedding(List.of(0.25f, -1f)),
                new Tensors(
                    List.of(
                        new Tensor(
                            "logits", "FP32", List.of(1L, 2L), ByteBuffer.wrap(new byte[8])))))
            .map(output ->
                new InferenceResult(
                    "r-5",
                    Status.SUCCEEDED,
                    "signs",
                    "2",
                    output,
                    image,
                    null,
                    timings,
                    8,
                    "worker-1",
                    when,
                    metadata)));
  }

  @ParameterizedTest
  @MethodSource("records")
  void whatIsWrittenIsRead(SpecificRecord written) {
    byte[] bytes = serializer.serialize("topic", written);

    assertThat(deserializer.deserialize("topic", bytes)).isEqualTo(written).isNotSameAs(written);
  }

  @Test
  void aRecordIsAMagicZeroTheSchemaIdAndTheSubjectIsTheTopics() throws Exception {
    byte[] bytes = serializer.serialize("inference-requests", request());

    ByteBuffer header = ByteBuffer.wrap(bytes);
    assertThat(header.get()).isZero();
    assertThat(registry.getSchemaById(header.getInt()).rawSchema())
        .isEqualTo(
            new Schema.Parser()
                .parse(Files.readString(Path.of("src/main/avro/InferenceRequest.avsc"))));
    assertThat(registry.getAllSubjects()).containsExactly("inference-requests-value");
  }

  @Test
  void aSchemaIdThatNobodyRegisteredIsAnErrorThatNamesIt() {
    byte[] bytes = serializer.serialize("inference-requests", request());
    ByteBuffer.wrap(bytes).putInt(1, 987_654);

    assertThatThrownBy(() -> deserializer.deserialize("inference-requests", bytes))
        .isInstanceOf(SerializationException.class)
        .hasMessageContaining("987654");
  }

  private static InferenceRequest request() {
    return new InferenceRequest(
        "r-1", "https://example.com/a.jpg", null, null, null, null, Map.of(), null, Map.of());
  }
}

package dev.sluice.tools.schemas;

import dev.sluice.tools.TopicOptions;
import dev.sluice.v1.InferenceRequest;
import dev.sluice.v1.InferenceResult;
import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A schema of this build and the name under which the registry keeps it.
 *
 * @param name the subject, {@code <topic>-value}
 * @param schema the schema as it stands in the source tree
 */
record Subject(String name, AvroSchema schema) {

  /** What the registry's FULL_TRANSITIVE means for it: the contract only grows. */
  static final String COMPATIBILITY = "FULL_TRANSITIVE";

  /** The two of the contract. */
  static List<Subject> ofContract(TopicOptions topics) {
    return List.of(
        new Subject(topics.requests() + "-value", schemaOf(InferenceRequest.class)),
        new Subject(topics.results() + "-value", schemaOf(InferenceResult.class)));
  }

  /** The file and not the generated class's schema, which notes how Java holds strings. */
  private static AvroSchema schemaOf(Class<?> generated) {
    String file = "/avro/" + generated.getSimpleName() + ".avsc";
    try (InputStream schema = generated.getResourceAsStream(file)) {
      if (schema == null) {
        throw new IllegalStateException(file + " is missing from the schemas jar: build again");
      }
      return new AvroSchema(new String(schema.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }
}

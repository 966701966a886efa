package dev.sluice.tools.schemas;

import io.confluent.kafka.schemaregistry.CompatibilityChecker;
import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import io.confluent.kafka.schemaregistry.client.SchemaMetadata;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What the registry has under a subject: every version, oldest first; none if it does not know the
 * subject.
 *
 * @param versions the versions
 */
record RegisteredSubject(List<Version> versions) {

  private static final int NOT_FOUND = 404;

  RegisteredSubject {
    versions = List.copyOf(versions);
  }

  /** Asks the registry. */
  static RegisteredSubject read(SchemaRegistryClient registry, String subject)
      throws IOException, RestClientException {
    List<Version> versions = new ArrayList<>();
    for (int number : versionsOf(registry, subject)) {
      SchemaMetadata schema = registry.getSchemaMetadata(subject, number);
      versions.add(new Version(number, schema.getId(), new AvroSchema(schema.getSchema())));
    }
    return new RegisteredSubject(versions);
  }

  /**
   * The compatibility that the registry enforces for {@code subject}; "default" if the subject has
   * none of its own.
   */
  static String compatibility(SchemaRegistryClient registry, String subject)
      throws IOException, RestClientException {
    try {
      return registry.getCompatibility(subject);
    } catch (RestClientException e) {
      if (e.getStatus() == NOT_FOUND) {
        return "default";
      }
      throw e;
    }
  }

  private static List<Integer> versionsOf(SchemaRegistryClient registry, String subject)
      throws IOException, RestClientException {
    try {
      return registry.getAllVersions(subject);
    } catch (RestClientException e) {
      if (e.getStatus() == NOT_FOUND) {
        return List.of();
      }
      throw e;
    }
  }

  /** The versions that are {@code schema}, docs aside. */
  List<Version> equalTo(AvroSchema schema) {
    return versions.stream()
        .filter(version -> version.schema().rawSchema().equals(schema.rawSchema()))
        .toList();
  }

  /** Why {@code schema} is not FULL_TRANSITIVE compatible with all versions; empty if it is. */
  List<String> conflicts(AvroSchema schema) {
    return CompatibilityChecker.FULL_TRANSITIVE_CHECKER.isCompatible(
        schema, versions.stream().map(Version::schema).toList());
  }

  /**
   * One version.
   *
   * @param number its number within the subject, from 1
   * @param id the schema's id, which every record carries
   */
  record Version(int number, int id, AvroSchema schema) {}
}

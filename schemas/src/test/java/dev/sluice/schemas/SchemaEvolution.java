package dev.sluice.schemas;

import io.confluent.kafka.schemaregistry.CompatibilityChecker;
import io.confluent.kafka.schemaregistry.ParsedSchema;
import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;

/**
 * What a schema may become: FULL_TRANSITIVE compatible with every earlier revision, by Avro's own
 * judgement and by that of Confluent's registry, and beyond it no field renamed, removed or given
 * another default. Avro alone lets an optional field disappear, and with it what a producer meant
 * by it. Pure.
 */
final class SchemaEvolution {

  private SchemaEvolution() {}

  /**
   * What in {@code present} breaks someone who still uses one of {@code history}; empty if nothing
   * does.
   */
  static List<String> violations(Schema present, List<Schema> history) {
    List<String> violations = new ArrayList<>();
    for (Schema earlier : history) {
      check("a reader of today on records of yesterday", present, earlier, violations);
      check("a reader of yesterday on records of today", earlier, present, violations);
      violations.addAll(lost(present, earlier));
    }
    List<? extends ParsedSchema> registered = history.stream().map(AvroSchema::new).toList();
    CompatibilityChecker.FULL_TRANSITIVE_CHECKER
        .isCompatible(new AvroSchema(present), registered)
        .forEach(message -> violations.add("the registry: " + message));
    return violations;
  }

  private static void check(String who, Schema reader, Schema writer, List<String> violations) {
    var answer = SchemaCompatibility.checkReaderWriterCompatibility(reader, writer);
    if (answer.getType() != SchemaCompatibilityType.COMPATIBLE) {
      violations.add("%s: %s".formatted(who, answer.getResult().getIncompatibilities()));
    }
  }

  private static List<String> lost(Schema present, Schema earlier) {
    Map<String, Schema> records = records(present);
    List<String> lost = new ArrayList<>();
    records(earlier)
        .forEach((name, before) -> {
          Schema now = records.get(name);
          if (now == null) {
            lost.add("record " + name + " is gone");
          } else {
            before
                .getFields()
                .forEach(field -> compare(name, field, now.getField(field.name()), lost));
          }
        });
    return lost;
  }

  private static void compare(
      String record, Schema.Field before, Schema.Field now, List<String> lost) {
    String name = record + "." + before.name();
    if (now == null) {
      lost.add("field " + name + " is gone");
    } else if (!String.valueOf(before.defaultVal()).equals(String.valueOf(now.defaultVal()))) {
      lost.add(
          "the default of " + name + " was " + before.defaultVal() + " and is " + now.defaultVal());
    }
  }

  /** Every record type in {@code schema}, itself included, by full name. */
  static Map<String, Schema> records(Schema schema) {
    Map<String, Schema> records = new HashMap<>();
    visit(
        schema,
        new HashSet<>(),
        type -> {
          if (type.getType() == Schema.Type.RECORD) {
            records.put(type.getFullName(), type);
          }
        });
    return records;
  }

  /** Calls {@code visitor} once for each type in {@code schema}, named types once each. */
  static void visit(Schema schema, Set<String> seen, Consumer<Schema> visitor) {
    switch (schema.getType()) {
      case RECORD -> {
        if (seen.add(schema.getFullName())) {
          visitor.accept(schema);
          schema.getFields().forEach(field -> visit(field.schema(), seen, visitor));
        }
      }
      case UNION -> schema.getTypes().forEach(branch -> visit(branch, seen, visitor));
      case ARRAY -> visit(schema.getElementType(), seen, visitor);
      case MAP -> visit(schema.getValueType(), seen, visitor);
      default -> visitor.accept(schema);
    }
  }
}

package dev.sluice.tools.results;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BinaryNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.FloatNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericEnumSymbol;
import org.apache.avro.generic.IndexedRecord;
import org.jspecify.annotations.Nullable;

/**
 * Avro records as plain JSON: field names as in the schema, unions without a wrapper, bytes in
 * base64, timestamps in ISO form, enums by name. Made to be read, by people and by {@code jq}; it
 * does not lead back to Avro. Numbers that JSON cannot say (NaN, infinities) become null.
 */
public final class AvroJson {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private AvroJson() {}

  /** One record with all its fields. */
  public static ObjectNode of(IndexedRecord record) {
    ObjectNode object = NODES.objectNode();
    for (Schema.Field field : record.getSchema().getFields()) {
      object.set(field.name(), value(record.get(field.pos())));
    }
    return object;
  }

  private static JsonNode value(@Nullable Object value) {
    return switch (value) {
      case null -> NullNode.instance;
      case IndexedRecord record -> of(record);
      case CharSequence text -> TextNode.valueOf(text.toString());
      case Boolean flag -> BooleanNode.valueOf(flag);
      case Integer number -> IntNode.valueOf(number);
      case Long number -> LongNode.valueOf(number);
      case Float number -> Float.isFinite(number) ? FloatNode.valueOf(number) : NullNode.instance;
      case Double number ->
          Double.isFinite(number) ? DoubleNode.valueOf(number) : NullNode.instance;
      case ByteBuffer bytes -> BinaryNode.valueOf(copy(bytes));
      case Instant instant -> TextNode.valueOf(instant.toString());
      case Enum<?> symbol -> TextNode.valueOf(symbol.name());
      case GenericEnumSymbol<?> symbol -> TextNode.valueOf(symbol.toString());
      case Collection<?> items -> array(items);
      case Map<?, ?> entries -> object(entries);
      default ->
          throw new IllegalArgumentException("no JSON form for " + value.getClass().getName());
    };
  }

  private static ArrayNode array(Collection<?> items) {
    ArrayNode array = NODES.arrayNode(items.size());
    items.forEach(item -> array.add(value(item)));
    return array;
  }

  private static ObjectNode object(Map<?, ?> entries) {
    ObjectNode object = NODES.objectNode();
    entries.forEach((key, item) -> object.set(String.valueOf(key), value(item)));
    return object;
  }

  private static byte[] copy(ByteBuffer bytes) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.duplicate().get(copy);
    return copy;
  }
}

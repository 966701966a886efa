package dev.sluice.system;

import dev.sluice.v1.InferenceRequest;
import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.JsonProperties;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;

/** A request from a producer that has moved on: under a schema that no worker has met yet. */
final class EvolvedRequest {
  private EvolvedRequest() {}

  /** A red image on the wire, under the contract's schema with one more field, now registered. */
  static byte[] of(String requestId, Pipeline pipeline) {
    Schema evolved = evolved(InferenceRequest.getClassSchema());
    try (SchemaRegistryClient client =
        new CachedSchemaRegistryClient(pipeline.registry().url(), 10)) {
      int id = client.register(pipeline.requests() + "-value", new AvroSchema(evolved));
      return onTheWire(id, red(requestId, evolved));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (RestClientException e) {
      throw new AssertionError("the registry refuses the schema", e);
    }
  }

  private static Schema evolved(Schema contract) {
    List<Schema.Field> fields = new ArrayList<>();
    for (Schema.Field field : contract.getFields()) {
      fields.add(new Schema.Field(field, field.schema()));
    }
    Schema text = SchemaBuilder.unionOf().nullType().and().stringType().endUnion();
    fields.add(new Schema.Field("campaign", text, "new", JsonProperties.NULL_VALUE));
    return Schema.createRecord(
        contract.getName(), contract.getDoc(), contract.getNamespace(), false, fields);
  }

  private static GenericRecord red(String requestId, Schema schema) {
    InferenceRequest red = Requests.color(0);
    GenericRecord request = new GenericData.Record(schema);
    for (Schema.Field field : red.getSchema().getFields()) {
      request.put(field.name(), red.get(field.pos()));
    }
    request.put("request_id", requestId);
    return request;
  }

  /** Confluent's wire format: a zero byte, the schema's id, Avro. */
  private static byte[] onTheWire(int schemaId, GenericRecord request) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeByte(0);
    out.writeInt(schemaId);
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(out, null);
    new GenericDatumWriter<GenericRecord>(request.getSchema()).write(request, encoder);
    encoder.flush();
    return bytes.toByteArray();
  }
}

package dev.sluice.system;

import dev.sluice.v1.InferenceRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumWriter;

/**
 * Values of records that no serializer would write. The fields of a request stand in the order of
 * the schema: request_id, image_uri, image_bytes, image_sha256, model, model_version, parameters,
 * deadline, metadata.
 */
final class HostileRecords {
  private HostileRecords() {}

  /** Writes a part of a record. */
  interface Part {
    void write(BinaryEncoder avro) throws IOException;
  }

  /** Confluent's wire format around what {@code part} writes. */
  static byte[] of(int schemaId, Part part) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(ByteBuffer.allocate(5).put((byte) 0).putInt(schemaId).array());
    try {
      BinaryEncoder avro = EncoderFactory.get().binaryEncoder(out, null);
      part.write(avro);
      avro.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  static byte[] request(int schemaId, InferenceRequest request) {
    SpecificDatumWriter<InferenceRequest> writer =
        new SpecificDatumWriter<>(InferenceRequest.class);
    return of(schemaId, avro -> writer.write(request, avro));
  }

  /** The id, then what {@code part} writes. */
  static byte[] afterId(int schemaId, Part part) {
    return of(
        schemaId,
        avro -> {
          avro.writeString("half a request");
          part.write(avro);
        });
  }

  /** All up to the parameters, then what {@code part} writes. */
  static byte[] atParameters(int schemaId, Part part) {
    return afterId(
        schemaId,
        avro -> {
          for (int field = 0; field < 5; field++) {
            avro.writeIndex(0);
          }
          part.write(avro);
        });
  }

  static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  static byte[] beginning(byte[] value, int length) {
    return Arrays.copyOf(value, length);
  }

  static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}

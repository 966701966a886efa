package dev.sluice.worker.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxMetadataTest {
  @TempDir Path folder;

  @Test
  void findsTheEntriesAmongOtherFields() throws IOException {
    byte[] file =
        message(
            new byte[] {0x08, 8}, // ir_version
            field(2, "an exporter".getBytes(StandardCharsets.UTF_8)),
            field(7, new byte[100_000]), // the graph
            field(14, entry("names", "{0: 'cat'}")),
            new byte[] {0x55, 1, 2, 3, 4, 0x51, 1, 2, 3, 4, 5, 6, 7, 8}, // fixed-size fields
            field(14, entry("empty", "")));

    assertThat(read(file))
        .containsExactly(Map.entry("names", "{0: 'cat'}"), Map.entry("empty", ""));
  }

  @Test
  void readsCharactersBeyondTheBasicMultilingualPlane() throws IOException {
    assertThat(read(field(14, entry("character", "a\n\uD84C\uDDC9\nz"))))
        .containsEntry("character", "a\n\uD84C\uDDC9\nz");
  }

  @Test
  void aFileWithoutMetadataHasNone() throws IOException {
    assertThat(read(field(7, new byte[10]))).isEmpty();
    assertThat(read(new byte[0])).isEmpty();
  }

  @Test
  void aFileThatEndsEarlyIsRefused() {
    byte[] whole = message(field(7, new byte[300]), field(14, entry("key", "value")));
    int endOfGraph = 300 + 3;
    for (int length = 1; length < whole.length; length++) {
      if (length == endOfGraph) {
        continue; // a whole file without metadata
      }
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> read(cut))
          .as("cut to %d bytes", length)
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void whatIsNotProtobufIsRefused() {
    assertThatThrownBy(() -> read("<!doctype html>".getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(IOException.class);
  }

  private Map<String, String> read(byte[] bytes) throws IOException {
    return OnnxMetadata.read(Files.write(folder.resolve("model.onnx"), bytes));
  }

  private static byte[] entry(String key, String value) {
    return message(
        field(1, key.getBytes(StandardCharsets.UTF_8)),
        field(2, value.getBytes(StandardCharsets.UTF_8)));
  }

  private static byte[] field(int number, byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write((number << 3) | 2);
    int length = content.length;
    while (length >= 0x80) {
      out.write((length & 0x7F) | 0x80);
      length >>>= 7;
    }
    out.write(length);
    out.writeBytes(content);
    return out.toByteArray();
  }

  private static byte[] message(byte[]... fields) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] field : fields) {
      out.writeBytes(field);
    }
    return out.toByteArray();
  }
}

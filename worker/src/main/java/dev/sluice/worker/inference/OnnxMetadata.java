package dev.sluice.worker.inference;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reads the custom metadata out of an ONNX file: the entries of {@code metadata_props} in the
 * {@code ModelProto} of onnx.proto, skipping all else, so that it costs nothing for a large model.
 *
 * <p>ONNX Runtime's Java API offers the same map, but hands the values through JNI's "modified
 * UTF-8": a value with a character beyond the Basic Multilingual Plane comes back garbled and cut
 * off at its end (1.29.0). PP-OCR's character list has such a character.
 */
public final class OnnxMetadata {
  private static final int WIRE_TYPE = 7;
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED32 = 5;

  // Tags: the field's number and its wire type.
  private static final long METADATA_PROPS = (14 << 3) | BYTES;
  private static final long KEY = (1 << 3) | BYTES;
  private static final long VALUE = (2 << 3) | BYTES;

  /** Longer entries are refused: no exporter writes them, and they would be read into memory. */
  private static final long LONGEST_ENTRY = 16L << 20;

  private OnnxMetadata() {}

  /**
   * The file's metadata in its own order; empty when it has none.
   *
   * @throws IOException when the file cannot be read, or is not a whole protobuf message
   */
  public static Map<String, String> read(Path file) throws IOException {
    Map<String, String> metadata = new LinkedHashMap<>();
    try (SeekableByteChannel channel = Files.newByteChannel(file)) {
      while (channel.position() < channel.size()) {
        readField(channel, file, metadata);
      }
    }
    return Collections.unmodifiableMap(metadata);
  }

  private static void readField(
      SeekableByteChannel channel, Path file, Map<String, String> metadata) throws IOException {
    InputStream in = Channels.newInputStream(channel);
    long tag = varint(in);
    long length = length(tag, in);
    if (length < 0 || length > channel.size() - channel.position()) {
      throw new IOException(file + " is not a whole ONNX file: it ends within a field");
    }
    if (tag != METADATA_PROPS) {
      channel.position(channel.position() + length);
      return;
    }
    if (length > LONGEST_ENTRY) {
      throw new IOException(file + " has a metadata entry of " + length + " bytes");
    }
    putEntry(new ByteArrayInputStream(in.readNBytes((int) length)), metadata);
  }

  private static void putEntry(ByteArrayInputStream entry, Map<String, String> metadata)
      throws IOException {
    String key = "";
    String value = "";
    while (entry.available() > 0) {
      long tag = varint(entry);
      long length = length(tag, entry);
      if (length < 0 || length > entry.available()) {
        throw new IOException("a metadata entry of the ONNX file ends within a field");
      }
      String text = new String(entry.readNBytes((int) length), StandardCharsets.UTF_8);
      if (tag == KEY) {
        key = text;
      } else if (tag == VALUE) {
        value = text;
      }
    }
    metadata.put(key, value);
  }

  /** How many bytes of the field are still to come after its tag and what this reads. */
  private static long length(long tag, InputStream in) throws IOException {
    return switch ((int) (tag & WIRE_TYPE)) {
      case VARINT -> {
        varint(in);
        yield 0;
      }
      case FIXED64 -> Long.BYTES;
      case BYTES -> varint(in);
      case FIXED32 -> Integer.BYTES;
      default -> throw new IOException("not an ONNX file: no field begins with " + tag);
    };
  }

  private static long varint(InputStream in) throws IOException {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      int next = in.read();
      if (next < 0) {
        throw new EOFException("not a whole ONNX file: it ends within a number");
      }
      value |= (next & 0x7FL) << shift;
      if (next < 0x80) {
        return value;
      }
    }
    throw new IOException("not an ONNX file: a number has more than ten bytes");
  }
}

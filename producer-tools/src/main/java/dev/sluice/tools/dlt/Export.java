package dev.sluice.tools.dlt;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sluice.tools.CommandException;
import dev.sluice.tools.picture.ImageFormat;
import dev.sluice.tools.results.AvroJson;
import dev.sluice.v1.InferenceRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Locale;
import org.apache.kafka.common.header.Header;

/**
 * Writes dead letters into a folder: the original bytes, the image inside if there is one, and a
 * line in the index. Overwrites nothing: a file that is there with the same bytes stays, with
 * others it ends the export. Used by one thread.
 */
final class Export {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final int MAX_STEM = 60;

  private final Path folder;
  private final ExportIndex index;

  /** Command thread only. */
  private long written;

  /** Command thread only. */
  private long there;

  Export(Path folder, ExportIndex index) {
    this.folder = folder;
    this.index = index;
  }

  /** How many dead letters were written. */
  long written() {
    return written;
  }

  /** How many were there already. */
  long there() {
    return there;
  }

  /**
   * Writes one dead letter, if the index does not list it.
   *
   * @throws CommandException if a file of its name is there and holds something else
   */
  void write(DeadLetter letter, Payload payload) throws IOException {
    if (index.lists(letter.partition(), letter.offset())) {
      there++;
      return;
    }
    String stem = stem(letter, payload);
    ObjectNode entry = describe(letter, payload);
    if (letter.record().value() != null) {
      entry.put("payload_file", file(stem + ".bin", letter.payload()));
    }
    if (payload instanceof Payload.Request(InferenceRequest request)
        && request.getImageBytes() != null) {
      byte[] image = bytes(request.getImageBytes());
      entry.put("image_file", file(stem + "." + extension(image), image));
    }
    index.append(entry);
    written++;
  }

  /**
   * A name that is unique, sorts by place and is safe on any file system: the request id comes off
   * the wire and may hold anything.
   */
  static String stem(DeadLetter letter, Payload payload) {
    String safe = payload.requestId().replaceAll("[^A-Za-z0-9_-]", "_");
    String id = safe.substring(0, Math.min(MAX_STEM, safe.length()));
    String place = String.format(Locale.ROOT, "%d-%012d", letter.partition(), letter.offset());
    return payload instanceof Payload.Request ? place + "-" + id : place;
  }

  private static ObjectNode describe(DeadLetter letter, Payload payload) {
    ObjectNode entry = NODES.objectNode();
    entry.put("topic", letter.record().topic());
    entry.put("partition", letter.partition());
    entry.put("offset", letter.offset());
    entry.put("time", letter.time().toString());
    entry.put("code", letter.code());
    entry.put("origin", payload.origin());
    entry.put("message", letter.message());
    entry.put("key", letter.record().key() == null ? null : letter.key());
    entry.put("key_base64", letter.record().key());
    entry.put("bytes", letter.payload().length);
    ArrayNode headers = entry.putArray("headers");
    for (Header header : letter.record().headers()) {
      headers
          .addObject()
          .put("name", header.key())
          .put("text", DeadLetterHeader.readable(header))
          .put("base64", header.value());
    }
    switch (payload) {
      case Payload.Request(InferenceRequest request) -> {
        ObjectNode fields = AvroJson.of(withoutImage(request));
        entry.set("request", fields);
      }
      case Payload.Unreadable(String reason) -> entry.put("unreadable", reason);
    }
    return entry;
  }

  /** The image goes into a file of its own. */
  private static InferenceRequest withoutImage(InferenceRequest request) {
    return request.getImageBytes() == null
        ? request
        : InferenceRequest.newBuilder(request).setImageBytes(null).build();
  }

  private static String extension(byte[] image) {
    return ImageFormat.sniff(
            Arrays.copyOf(image, Math.min(image.length, ImageFormat.SNIFFED_BYTES)))
        .map(format -> format == ImageFormat.JPEG ? "jpg" : format.name().toLowerCase(Locale.ROOT))
        .orElse("image");
  }

  /** Writes a file whole or not at all, and returns its name. */
  private String file(String name, byte[] content) throws IOException {
    Path path = folder.resolve(name);
    if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)
          && Arrays.equals(Files.readAllBytes(path), content)) {
        return name;
      }
      throw CommandException.failed(
          "%s is there already and holds something else. Name another folder.".formatted(path));
    }
    Path part = folder.resolve(name + ".part");
    Files.write(
        part,
        content,
        StandardOpenOption.CREATE,
        StandardOpenOption.TRUNCATE_EXISTING,
        StandardOpenOption.WRITE,
        LinkOption.NOFOLLOW_LINKS);
    try {
      Files.move(part, path, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(part, path);
    }
    return name;
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }
}

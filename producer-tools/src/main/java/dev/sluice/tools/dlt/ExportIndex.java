package dev.sluice.tools.dlt;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sluice.tools.CommandException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The list of what an export holds, {@code index.jsonl}: one JSON object a line, written after the
 * files that it names, so that whatever it lists is there whole. A line that was torn by a kill is
 * cut off when the export goes on. Used by one thread.
 */
final class ExportIndex implements AutoCloseable {
  static final String NAME = "index.jsonl";

  /** Of every line. */
  private static final String BEGINNING = "{\"topic\":\"";

  private static final JsonMapper JSON = new JsonMapper();
  private static final int BLOCK = 8192;

  private final FileChannel file;

  /** Command thread only. The offsets of each partition that are listed. */
  private final Map<Integer, Set<Long>> listed;

  private ExportIndex(FileChannel file, Map<Integer, Set<Long>> listed) {
    this.file = file;
    this.listed = listed;
  }

  /**
   * Opens the index in {@code folder}, a new one if there is none.
   *
   * @param topic whose dead letters it lists
   * @throws CommandException if it lists those of another topic, or is no index
   */
  static ExportIndex open(Path folder, String topic) throws IOException {
    Path path = folder.resolve(NAME);
    if (Files.exists(path)) {
      checkBeginning(path);
      cutTornLine(path);
    }
    Map<Integer, Set<Long>> listed = Files.exists(path) ? read(path, topic) : new HashMap<>();
    FileChannel file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    return new ExportIndex(file, listed);
  }

  boolean lists(int partition, long offset) {
    return listed.getOrDefault(partition, Set.of()).contains(offset);
  }

  void append(JsonNode entry) throws IOException {
    ByteBuffer line =
        ByteBuffer.wrap((JSON.writeValueAsString(entry) + "\n").getBytes(StandardCharsets.UTF_8));
    while (line.hasRemaining()) {
      int _ = file.write(line);
    }
  }

  private static Map<Integer, Set<Long>> read(Path path, String topic) throws IOException {
    Map<Integer, Set<Long>> listed = new HashMap<>();
    try (BufferedReader lines = Files.newBufferedReader(path, StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        JsonNode entry = parse(path, line);
        if (!entry.path("topic").asText().equals(topic)) {
          throw CommandException.usage(
              "%s lists dead letters of %s, not of %s. Name another folder."
                  .formatted(path, entry.path("topic").asText(), topic));
        }
        boolean _ =
            listed
                .computeIfAbsent(entry.path("partition").asInt(), _ -> new HashSet<>())
                .add(entry.path("offset").asLong());
      }
    }
    return listed;
  }

  private static JsonNode parse(Path path, String line) {
    try {
      return JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw CommandException.usage(
          "%s is not the index of an export. Name another folder.".formatted(path), e);
    }
  }

  /** Nothing of a file that is not ours is cut. */
  private static void checkBeginning(Path path) throws IOException {
    byte[] ours = BEGINNING.getBytes(StandardCharsets.UTF_8);
    try (InputStream in = Files.newInputStream(path)) {
      byte[] head = in.readNBytes(ours.length);
      if (!Arrays.equals(head, Arrays.copyOf(ours, head.length))) {
        throw notAnIndex(path);
      }
    }
  }

  private static CommandException notAnIndex(Path path) {
    return CommandException.usage(
        "%s is not the index of an export. Name another folder.".formatted(path));
  }

  private static void cutTornLine(Path path) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      long end = file.length();
      byte[] block = new byte[BLOCK];
      while (end > 0) {
        int length = (int) Math.min(BLOCK, end);
        file.seek(end - length);
        file.readFully(block, 0, length);
        for (int i = length - 1; i >= 0; i--) {
          if (block[i] == '\n') {
            file.setLength(end - length + i + 1);
            return;
          }
        }
        end -= length;
      }
      file.setLength(0);
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}

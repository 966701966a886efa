package dev.sluice.tools.dlt;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sluice.tools.CommandException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.kafka.common.header.Headers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportTest {
  private static final JsonMapper JSON = new JsonMapper();

  @TempDir private Path outside;

  @Test
  void bytesImageAndAllHeadersAreWritten() throws IOException {
    Headers headers = Letters.headers("requests", "IMAGE_CORRUPT").add("twice", new byte[] {1});
    headers.add("twice", new byte[] {2});
    export(Letters.of(3, 42, new byte[] {9, 8}, headers), Letters.request("r-1", null));

    assertThat(Files.readAllBytes(folder().resolve("3-000000000042-r-1.bin")))
        .isEqualTo(new byte[] {9, 8});
    assertThat(Files.readAllBytes(folder().resolve("3-000000000042-r-1.image")))
        .isEqualTo(new byte[] {1, 2, 3});
    JsonNode entry = index().getFirst();
    assertThat(entry.get("code").asText()).isEqualTo("IMAGE_CORRUPT");
    assertThat(entry.get("payload_file").asText()).isEqualTo("3-000000000042-r-1.bin");
    assertThat(entry.get("image_file").asText()).isEqualTo("3-000000000042-r-1.image");
    assertThat(entry.at("/request/request_id").asText()).isEqualTo("r-1");
    assertThat(entry.at("/request/image_bytes").isNull()).isTrue();
    assertThat(entry.get("headers"))
        .filteredOn(header -> header.get("name").asText().equals("twice"))
        .extracting(header -> header.get("base64").asText())
        .containsExactly("AQ==", "Ag==");
  }

  @Test
  void noRequestIdLeadsOutOfTheFolder() throws IOException {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    List<String> ids =
        new ArrayList<>(
            List.of(
                "../../escaped",
                "/etc/passwd",
                "a/b",
                "a\\b",
                "..",
                ".",
                "",
                "\u0000",
                "nul\u0000.bin",
                "x".repeat(5000),
                "a\nb",
                "CON",
                "-rf",
                "é\u202e",
                "index.jsonl"));
    for (int i = 0; i < 200; i++) {
      StringBuilder id = new StringBuilder();
      for (int c = random.nextInt(20); c > 0; c--) {
        id.append("./\\ \u0000a:~*".charAt(random.nextInt(9)));
      }
      ids.add(id.toString());
    }
    for (int i = 0; i < ids.size(); i++) {
      export(
          Letters.of(0, i, new byte[] {1}, Letters.headers("requests", "X")),
          Letters.request(ids.get(i), null));
    }

    try (Stream<Path> files = Files.walk(outside)) {
      List<Path> written = files.filter(Files::isRegularFile).toList();
      assertThat(written)
          .as("seed %d", seed)
          .hasSize(2 * ids.size() + 1)
          .allMatch(file -> folder().equals(file.getParent()))
          .allMatch(file -> file.getFileName().toString().matches("[A-Za-z0-9._-]{1,100}"));
    }
  }

  @Test
  void whateverTheHeadersALineIsWritten() throws IOException {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int i = 0; i < 300; i++) {
      export(
          Letters.of(
              0,
              i,
              random.nextLong(),
              random.nextBoolean() ? null : new byte[] {-1},
              random.nextBoolean() ? null : new byte[] {1},
              Letters.hostile(random)),
          new Payload.Unreadable("for a test"));
    }
    assertThat(index()).as("seed %d", seed).hasSize(300);
  }

  @Test
  void givenAgainItWritesOnlyWhatIsMissingAndATornLineIsNone() throws IOException {
    DeadLetter first = Letters.of(0, 1, new byte[] {1}, Letters.headers("requests", "X"));
    DeadLetter second = Letters.of(0, 2, new byte[] {2}, Letters.headers("requests", "X"));
    assertThat(export(first, Letters.request("r-1", "https://a/"))).isEqualTo(1);
    assertThat(export(second, Letters.request("r-2", "https://a/"))).isEqualTo(1);
    Path index = folder().resolve(ExportIndex.NAME);
    byte[] whole = Files.readAllBytes(index);
    int firstLine = new String(whole, UTF_8).indexOf('\n') + 1;

    for (int length = firstLine; length < whole.length; length++) {
      Files.write(index, java.util.Arrays.copyOf(whole, length));
      assertThat(export(first, Letters.request("r-1", "https://a/"))).isZero();
      assertThat(export(second, Letters.request("r-2", "https://a/"))).isEqualTo(1);
      assertThat(Files.readAllBytes(index)).isEqualTo(whole);
    }
  }

  @Test
  void nothingIsOverwritten() throws IOException {
    Files.createDirectories(folder());
    Path file = folder().resolve("0-000000000001-r-1.bin");
    Files.writeString(file, "mine");
    DeadLetter letter = Letters.of(0, 1, new byte[] {1}, Letters.headers("requests", "X"));

    assertThatThrownBy(() -> export(letter, Letters.request("r-1", "https://a/")))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining("holds something else");
    assertThat(Files.readString(file)).isEqualTo("mine");

    Files.delete(file);
    Path elsewhere = outside.resolve("elsewhere");
    Files.write(elsewhere, new byte[] {1});
    Files.createSymbolicLink(file, elsewhere);
    assertThatThrownBy(() -> export(letter, Letters.request("r-1", "https://a/")))
        .isInstanceOf(CommandException.class);
    Files.delete(file);
    Files.createSymbolicLink(file.resolveSibling(file.getFileName() + ".part"), elsewhere);
    assertThatThrownBy(() -> export(letter, Letters.request("r-1", "https://a/")))
        .isInstanceOf(IOException.class);
    assertThat(Files.readAllBytes(elsewhere)).isEqualTo(new byte[] {1});
  }

  @Test
  void anotherTopicsExportOrAnotherFileIsLeftAlone() throws IOException {
    export(
        Letters.of(0, 1, new byte[] {1}, Letters.headers("requests", "X")),
        Letters.request("r-1", "https://a/"));
    assertThatThrownBy(() -> ExportIndex.open(folder(), "another-dlt"))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining("lists dead letters of requests-dlt");
    for (String other : List.of("shopping list\n", "shopping list", "{\"topic\":\"x\n", "[]\n")) {
      Files.writeString(folder().resolve(ExportIndex.NAME), other);
      assertThatThrownBy(() -> ExportIndex.open(folder(), Letters.TOPIC))
          .isInstanceOf(CommandException.class)
          .hasMessageContaining("is not the index");
      assertThat(Files.readString(folder().resolve(ExportIndex.NAME))).isEqualTo(other);
    }
  }

  private long export(DeadLetter letter, Payload payload) throws IOException {
    Files.createDirectories(folder());
    try (ExportIndex index = ExportIndex.open(folder(), Letters.TOPIC)) {
      Export export = new Export(folder(), index);
      export.write(letter, payload);
      return export.written();
    }
  }

  private List<JsonNode> index() throws IOException {
    List<JsonNode> entries = new ArrayList<>();
    for (String line : Files.readAllLines(folder().resolve(ExportIndex.NAME))) {
      entries.add(JSON.readTree(line));
    }
    return entries;
  }

  private Path folder() {
    return outside.resolve("deep").resolve("export");
  }
}

package dev.sluice.thirdparty;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What goes into the jar: the client's own classes, what they need privately, the licences, and
 * nothing beside.
 */
class RepackagedTest {

  private static final Path CLASSES = Path.of("target/classes");

  @Test
  void holdsTheClassesThatWeUse() {
    assertThat(
            List.of(
                "io/confluent/kafka/serializers/KafkaAvroSerializer.class",
                "io/confluent/kafka/serializers/KafkaAvroDeserializer.class",
                "io/confluent/kafka/schemaregistry/client/CachedSchemaRegistryClient.class",
                "io/confluent/kafka/schemaregistry/client/MockSchemaRegistryClient.class"))
        .allSatisfy(name -> assertThat(CLASSES.resolve(name)).exists());
  }

  @Test
  void holdsNoClassThatWouldMeetAnotherCopyOnTheClassPath() throws IOException {
    assertThat(files().filter(name -> name.endsWith(".class")))
        .isNotEmpty()
        .allMatch(name ->
            name.startsWith("io/confluent/common/")
                || name.startsWith("io/confluent/kafka/")
                || name.startsWith("io/swagger/v3/oas/annotations/")
                || name.startsWith("org/apache/pinot/shaded/com/fasterxml/jackson/")
                || name.startsWith("org/apache/pinot/shaded/com/google/"));
  }

  @Test
  void carriesLicencesAndNotices() throws IOException {
    assertThat(CLASSES.resolve("META-INF/LICENSE")).hasSameTextualContentAs(Path.of("../LICENSE"));
    assertThat(Files.readString(CLASSES.resolve("META-INF/NOTICE")))
        .contains("Apache Pinot", "Confluent, Inc.", "Jackson", "Guava");
    assertThat(CLASSES.resolve("META-INF/FastDoubleParser-LICENSE")).isNotEmptyFile();
    assertThat(CLASSES.resolve("META-INF/FastDoubleParser-NOTICE")).isNotEmptyFile();
    assertThat(CLASSES.resolve("META-INF/thirdparty-LICENSE")).isNotEmptyFile();
  }

  @Test
  void offersOnlyServicesThatItImplements() throws IOException {
    List<String> services = files().filter(name -> name.startsWith("META-INF/services/")).toList();

    assertThat(services).isNotEmpty();
    for (String service : services) {
      assertThat(
              Files.readAllLines(CLASSES.resolve(service)).stream()
                  .filter(line -> !line.isBlank() && !line.startsWith("#")))
          .as(service)
          .isNotEmpty()
          .allSatisfy(name ->
              assertThat(CLASSES.resolve(name.strip().replace('.', '/') + ".class")).exists());
    }
  }

  private static Stream<String> files() throws IOException {
    try (Stream<Path> walk = Files.walk(CLASSES)) {
      return walk
          .filter(Files::isRegularFile)
          .map(file -> CLASSES.relativize(file).toString().replace('\\', '/'))
          .toList()
          .stream();
    }
  }
}

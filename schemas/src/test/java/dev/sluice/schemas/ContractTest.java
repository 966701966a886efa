package dev.sluice.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.v1.InferenceRequest;
import dev.sluice.v1.InferenceResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The schemas as they stand in the tree, against their history and against the generated classes.
 */
class ContractTest {

  private static final Path PRESENT = Path.of("src/main/avro");
  private static final Path HISTORY = Path.of("src/main/history/v1");

  @Test
  void theContractIsTheseTwoSchemas() throws IOException {
    try (Stream<Path> files = Files.list(PRESENT)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("InferenceRequest.avsc", "InferenceResult.avsc");
    }
    assertThat(generated(InferenceRequest.getClassSchema())).isEqualTo(present("InferenceRequest"));
    assertThat(generated(InferenceResult.getClassSchema())).isEqualTo(present("InferenceResult"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"InferenceRequest", "InferenceResult"})
  void isCompatibleWithEveryRevisionThereEverWas(String name) {
    assertThat(SchemaEvolution.violations(present(name), history(name)))
        .as("schemas/src/main/avro/%s.avsc against schemas/src/main/history/v1", name)
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"InferenceRequest", "InferenceResult"})
  void theNewestRevisionInTheHistoryIsThePresentOne(String name) {
    List<Schema> history = history(name);

    // Docs may be improved without a new revision: equals() looks at everything else.
    assertThat(present(name))
        .as(
            "%s.avsc has changed: leave the earlier revisions as they are and copy it to"
                + " history/v1/%s-%d.avsc",
            name, name, history.size() + 1)
        .isEqualTo(history.getLast());
  }

  @ParameterizedTest
  @ValueSource(strings = {"InferenceRequest", "InferenceResult"})
  void everythingSaysWhatItMeans(String name) {
    SchemaEvolution.visit(
        present(name),
        new HashSet<>(),
        type -> {
          if (type.getType() == Schema.Type.RECORD) {
            assertThat(type.getDoc()).as(type.getFullName()).isNotBlank();
            type.getFields()
                .forEach(field ->
                    assertThat(field.doc()).as("%s.%s", type.getName(), field.name()).isNotBlank());
          }
          if (type.getType() == Schema.Type.ENUM) {
            assertThat(type.getDoc()).as(type.getFullName()).isNotBlank();
          }
        });
  }

  @Test
  void theErrorCodesAreNamedInTheDoc() {
    assertThat(dev.sluice.v1.Error.getClassSchema().getField("code").doc())
        .contains(
            Set.of(
                "INVALID_REQUEST",
                "URI_FORBIDDEN",
                "IMAGE_NOT_FOUND",
                "IMAGE_ACCESS_DENIED",
                "IMAGE_TOO_LARGE",
                "IMAGE_CORRUPT",
                "IMAGE_UNAVAILABLE",
                "MODEL_NOT_FOUND",
                "MODEL_FAILED",
                "DEADLINE_EXCEEDED",
                "INTERNAL"));
  }

  /** The schema in a generated class, without its notes about Java's string types. */
  private static Schema generated(Schema schema) {
    String json =
        schema
            .toString()
            .replace("{\"type\":\"string\",\"avro.java.string\":\"String\"}", "\"string\"");
    return new Schema.Parser().parse(json.replace(",\"avro.java.string\":\"String\"", ""));
  }

  private static Schema present(String name) {
    return parse(PRESENT.resolve(name + ".avsc"));
  }

  /** The revisions 1, 2, 3 ... of a schema, without gaps. */
  private static List<Schema> history(String name) {
    List<Schema> revisions =
        IntStream.iterate(1, revision -> revision + 1)
            .mapToObj(revision -> HISTORY.resolve("%s-%d.avsc".formatted(name, revision)))
            .takeWhile(Files::exists)
            .map(ContractTest::parse)
            .toList();
    assertThat(revisions).as("revisions of %s in %s", name, HISTORY).hasSize(filesOf(name));
    return revisions;
  }

  private static int filesOf(String name) {
    try (Stream<Path> files = Files.list(HISTORY)) {
      return (int)
          files.filter(file -> file.getFileName().toString().startsWith(name + "-")).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Schema parse(Path file) {
    try {
      return new Schema.Parser().parse(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

package dev.sluice.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.avro.Schema;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The checker itself, on changes that people make. */
class SchemaEvolutionTest {

  private static final Schema BEFORE =
      record(
          """
          {"name": "id", "type": "string"},
          {"name": "size", "type": "int"},
          {"name": "note", "type": ["null", "string"], "default": null},
          {"name": "status", "type": {"type": "enum", "name": "Status", "symbols": ["GOOD", "BAD"]}}
          """);

  @ParameterizedTest(name = "{0} -> {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "'{\"name\": \"id\"'                             | '{\"name\": \"identity\"'",
        "'{\"name\": \"id\"'                             | '{\"name\": \"identity\", \"aliases\":"
            + " [\"id\"]'",
        "'{\"name\": \"note\"'                           | '{\"name\": \"remark\"'",
        "'{\"name\": \"size\", \"type\": \"int\"},'      | ''",
        "'{\"name\": \"note\", \"type\": [\"null\", \"string\"], \"default\": null},' | ''",
        "'{\"name\": \"id\"'                             | '{\"name\": \"new\", \"type\":"
            + " \"string\"}, {\"name\": \"id\"'",
        "'\"type\": \"int\"'                             | '\"type\": \"string\"'",
        "'\"type\": \"int\"'                             | '\"type\": \"long\"'",
        "'\"type\": \"int\"'                             | '\"type\": [\"null\", \"int\"]'",
        "'[\"null\", \"string\"]'                        | '[\"null\", \"string\", \"int\"]'",
        "'[\"GOOD\", \"BAD\"]'                           | '[\"GOOD\"]'",
        "'[\"GOOD\", \"BAD\"]'                           | '[\"GOOD\", \"BAD\", \"UGLY\"]'",
        "'[\"null\", \"string\"], \"default\": null'     | '[\"string\", \"null\"], \"default\":"
            + " \"\"'",
        "'\"Sample\"'                                    | '\"Example\"'",
      })
  void isRefused(String what, String becomes) {
    Schema after = changed(what, becomes);

    assertThat(SchemaEvolution.violations(after, List.of(BEFORE))).isNotEmpty();
  }

  @ParameterizedTest(name = "{0} -> {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "'{\"name\": \"id\"' | '{\"name\": \"new\", \"type\": \"string\", \"default\": \"\"},"
            + " {\"name\": \"id\"'",
        "'{\"name\": \"id\"' | '{\"name\": \"new\", \"type\": [\"null\", \"long\"], \"default\":"
            + " null}, {\"name\": \"id\"'",
        "'{\"name\": \"id\"' | '{\"doc\": \"better said\", \"name\": \"id\"'",
      })
  void isAllowed(String what, String becomes) {
    assertThat(SchemaEvolution.violations(changed(what, becomes), List.of(BEFORE))).isEmpty();
  }

  @ParameterizedTest(name = "revision {0}")
  @CsvSource({"0", "1"})
  void everyRevisionCountsAndNotOnlyTheLast(int lostIn) {
    Schema with =
        record(
            "{\"name\": \"id\", \"type\": \"string\"}, {\"name\": \"extra\", \"type\": \"int\","
                + " \"default\": 0}");
    Schema without = record("{\"name\": \"id\", \"type\": \"string\"}");
    List<Schema> history = lostIn == 0 ? List.of(with, without) : List.of(without, with);

    assertThat(SchemaEvolution.violations(without, history))
        .containsExactly("field Sample.extra is gone");
  }

  private static Schema changed(String what, String becomes) {
    String normal = BEFORE.toString();
    String target = what.replace(": ", ":").replace(", ", ",");
    assertThat(normal).contains(target);
    return new Schema.Parser().parse(normal.replace(target, becomes));
  }

  private static Schema record(String fields) {
    return new Schema.Parser()
        .parse("{\"type\": \"record\", \"name\": \"Sample\", \"fields\": [%s]}".formatted(fields));
  }
}

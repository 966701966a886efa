package dev.sluice.tools.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.devstack.SchemaRegistry;
import dev.sluice.devstack.junit.FreshNames;
import dev.sluice.devstack.junit.WithDevstack;
import dev.sluice.tools.CommandRun;
import dev.sluice.tools.TopicOptions;
import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

@WithDevstack
class SchemasIT {

  private final SchemaRegistry registry;
  private final String topic;

  SchemasIT(SchemaRegistry registry, FreshNames names) {
    this.registry = registry;
    this.topic = names.of("schemas");
  }

  @Test
  void registeringTwiceIsRegisteringOnceAndCheckAgrees() throws Exception {
    CommandRun missing = schemas("check");
    assertThat(missing.exitCode()).isEqualTo(1);
    assertThat(missing.out()).contains("missing");
    assertThat(missing.err()).contains("sluice schemas register");

    CommandRun first = schemas("register", "--json");
    assertThat(first.exitCode()).as(first.err()).isZero();
    assertThat(first.json())
        .extracting(line -> line.get("state").asText())
        .containsExactly("REGISTERED", "REGISTERED");

    CommandRun second = schemas("register", "--json");
    assertThat(second.exitCode()).as(second.err()).isZero();
    assertThat(second.json())
        .extracting(line -> line.get("state").asText())
        .containsExactly("UNCHANGED", "UNCHANGED");
    assertThat(second.json()).extracting(line -> line.get("version").asInt()).containsExactly(1, 1);

    CommandRun check = schemas("check", "--json");
    assertThat(check.exitCode()).as(check.err()).isZero();
    assertThat(check.json())
        .extracting(line -> line.get("state").asText())
        .containsExactly("EQUAL", "EQUAL");
    assertThat(check.json())
        .extracting(line -> line.get("compatibility").asText())
        .containsOnly("FULL_TRANSITIVE");

    try (CachedSchemaRegistryClient client = client()) {
      assertThat(client.getCompatibility(topic + "-value")).isEqualTo("FULL_TRANSITIVE");
      assertThat(client.getLatestSchemaMetadata(topic + "-value").getSchema())
          .doesNotContain("avro.java.string");
    }
  }

  @Test
  void aSchemaThatBreaksReadersIsRefusedByBoth() throws Exception {
    try (CachedSchemaRegistryClient client = client()) {
      client.register(
          topic + "-value",
          new AvroSchema(
              "{\"type\": \"record\", \"name\": \"InferenceRequest\", \"namespace\":"
                  + " \"dev.sluice.v1\", \"fields\": [{\"name\": \"other\", \"type\": \"int\"}]}"));
    }

    CommandRun check = schemas("check");
    assertThat(check.exitCode()).isEqualTo(1);
    assertThat(check.out()).contains("incompatible");
    assertThat(check.err()).contains("other");

    CommandRun register = schemas("register");
    assertThat(register.exitCode()).isEqualTo(1);
    assertThat(register.err()).contains(topic + "-value").contains("not compatible");
  }

  @Test
  void aLaterRevisionLeavesThisBuildCompatible() throws Exception {
    AvroSchema present = Subject.ofContract(new TopicOptions()).getFirst().schema();
    String later =
        present
            .canonicalString()
            .replaceFirst(
                "\"fields\":\\[",
                "\"fields\":[{\"name\":\"added\",\"type\":\"int\",\"default\":0},");
    try (CachedSchemaRegistryClient client = client()) {
      client.register(topic + "-value", new AvroSchema(later));
    }

    CommandRun check = schemas("check", "--json");

    assertThat(check.json().getFirst().get("state").asText()).isEqualTo("COMPATIBLE");
  }

  @Test
  void aRegistryThatIsNotThereIsToldInOneLine() {
    CommandRun run =
        CommandRun.sluice("schemas", "check", "--schema-registry", "http://127.0.0.1:1");

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err().lines()).hasSize(1);
    assertThat(run.err()).contains("http://127.0.0.1:1", "--schema-registry");
  }

  private CachedSchemaRegistryClient client() {
    return new CachedSchemaRegistryClient(registry.url(), 10);
  }

  private CommandRun schemas(String command, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "schemas",
                command,
                "--schema-registry",
                registry.url(),
                "--requests-topic",
                topic,
                "--results-topic",
                topic + "-results"));
    arguments.addAll(List.of(more));
    return CommandRun.sluice(arguments.toArray(String[]::new));
  }
}

package dev.sluice.tools.schemas;

import dev.sluice.tools.CommandException;
import dev.sluice.tools.ExitCode;
import dev.sluice.tools.KafkaOptions;
import dev.sluice.tools.OutputOptions;
import dev.sluice.tools.Table;
import dev.sluice.tools.TopicOptions;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * {@code sluice schemas register}: puts both schemas into the registry and has it hold them to
 * FULL_TRANSITIVE.
 */
@Command(
    name = "register",
    description = {
      "Register the schemas of requests and results as TOPIC-value and have the registry hold them"
          + " to FULL_TRANSITIVE.",
      "What is registered already stays as it is."
    })
final class SchemasRegister implements Callable<Integer> {

  @Mixin private KafkaOptions kafka;
  @Mixin private TopicOptions topics;
  @Mixin private OutputOptions output;

  @Override
  public Integer call() throws IOException, RestClientException {
    List<Line> lines = new ArrayList<>();
    try (SchemaRegistryClient registry = kafka.registry()) {
      for (Subject subject : Subject.ofContract(topics)) {
        lines.add(register(registry, subject));
      }
    }
    print(lines);
    return ExitCode.DONE;
  }

  private static Line register(SchemaRegistryClient registry, Subject subject)
      throws IOException, RestClientException {
    RegisteredSubject before = RegisteredSubject.read(registry, subject.name());
    List<String> conflicts = before.conflicts(subject.schema());
    if (!conflicts.isEmpty()) {
      throw CommandException.failed(
          "%s holds schemas that this build's is not compatible with (%s). Use another topic, or the build that fits."
              .formatted(subject.name(), String.join("; ", conflicts)));
    }
    boolean known = !before.equalTo(subject.schema()).isEmpty();
    int id = registry.register(subject.name(), subject.schema());
    registry.updateCompatibility(subject.name(), Subject.COMPATIBILITY);
    int version = registry.getVersion(subject.name(), subject.schema());
    return new Line(
        subject.name(),
        known ? State.UNCHANGED : State.REGISTERED,
        version,
        id,
        Subject.COMPATIBILITY);
  }

  private void print(List<Line> lines) {
    if (output.json()) {
      lines.forEach(output::json);
      return;
    }
    output.table(
        new Table(
            List.of("SUBJECT", "STATE", "VERSION", "ID", "COMPATIBILITY"),
            lines.stream()
                .map(line ->
                    List.of(
                        line.subject(),
                        line.state().name().toLowerCase(java.util.Locale.ROOT),
                        Integer.toString(line.version()),
                        Integer.toString(line.id()),
                        line.compatibility()))
                .toList()));
  }

  /** What became of a subject. */
  enum State {
    REGISTERED,
    UNCHANGED
  }

  /** One line of the answer. */
  record Line(String subject, State state, int version, int id, String compatibility) {}
}

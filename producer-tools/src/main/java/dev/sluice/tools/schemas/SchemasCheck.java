package dev.sluice.tools.schemas;

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

/** {@code sluice schemas check}: whether this build and the registry agree. Changes nothing. */
@Command(
    name = "check",
    description = {
      "Say whether the schemas of this build are registered, or compatible with every version that"
          + " is.",
      "The exit code is 1 if one is missing or incompatible."
    })
final class SchemasCheck implements Callable<Integer> {

  @Mixin private KafkaOptions kafka;
  @Mixin private TopicOptions topics;
  @Mixin private OutputOptions output;

  @Override
  public Integer call() throws IOException, RestClientException {
    List<Line> lines = new ArrayList<>();
    try (SchemaRegistryClient registry = kafka.registry()) {
      for (Subject subject : Subject.ofContract(topics)) {
        lines.add(check(registry, subject));
      }
    }
    print(lines);
    boolean agree =
        lines.stream()
            .allMatch(line -> line.state() == State.EQUAL || line.state() == State.COMPATIBLE);
    return agree ? ExitCode.DONE : ExitCode.FAILED;
  }

  private static Line check(SchemaRegistryClient registry, Subject subject)
      throws IOException, RestClientException {
    RegisteredSubject registered = RegisteredSubject.read(registry, subject.name());
    State state = State.of(registered, subject);
    String compatibility =
        state == State.MISSING ? "-" : RegisteredSubject.compatibility(registry, subject.name());
    return new Line(
        subject.name(),
        state,
        registered.versions().stream().map(RegisteredSubject.Version::number).toList(),
        registered.equalTo(subject.schema()).stream().map(RegisteredSubject.Version::id).toList(),
        compatibility,
        state == State.INCOMPATIBLE ? registered.conflicts(subject.schema()) : List.of());
  }

  private void print(List<Line> lines) {
    if (output.json()) {
      lines.forEach(output::json);
      return;
    }
    output.table(
        new Table(
            List.of("SUBJECT", "STATE", "VERSIONS", "COMPATIBILITY"),
            lines.stream()
                .map(line ->
                    List.of(
                        line.subject(),
                        line.state().name().toLowerCase(java.util.Locale.ROOT),
                        Integer.toString(line.versions().size()),
                        line.compatibility()))
                .toList()));
    for (Line line : lines) {
      advise(line);
    }
  }

  private void advise(Line line) {
    if (line.state() == State.MISSING) {
      output.progress(
          line.subject() + " is not in the registry. Register it with: sluice schemas register");
    } else if (!line.compatibility().equals(Subject.COMPATIBILITY)) {
      output.progress(
          "the registry holds %s to %s only; sluice schemas register sets %s"
              .formatted(line.subject(), line.compatibility(), Subject.COMPATIBILITY));
    }
    line.conflicts().forEach(conflict -> output.progress(line.subject() + ": " + conflict));
  }

  /** How this build's schema stands to what is registered. */
  enum State {
    /** It is one of the versions. */
    EQUAL,
    /** It is none of them and could become one. */
    COMPATIBLE,
    /** It could not. */
    INCOMPATIBLE,
    /** Nothing is registered. */
    MISSING;

    static State of(RegisteredSubject registered, Subject subject) {
      if (registered.versions().isEmpty()) {
        return MISSING;
      }
      if (!registered.equalTo(subject.schema()).isEmpty()) {
        return EQUAL;
      }
      return registered.conflicts(subject.schema()).isEmpty() ? COMPATIBLE : INCOMPATIBLE;
    }
  }

  /**
   * One line of the answer.
   *
   * @param versions every version that the registry has
   * @param ids ids of the versions that are this build's schema
   * @param conflicts what is incompatible
   */
  record Line(
      String subject,
      State state,
      List<Integer> versions,
      List<Integer> ids,
      String compatibility,
      List<String> conflicts) {}
}

package dev.sluice.tools.topics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.devstack.KafkaCluster;
import dev.sluice.devstack.junit.FreshNames;
import dev.sluice.devstack.junit.WithDevstack;
import dev.sluice.tools.CommandRun;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

@WithDevstack
class TopicsIT {

  private final KafkaCluster kafka;
  private final String requests;

  TopicsIT(KafkaCluster kafka, FreshNames names) {
    this.kafka = kafka;
    this.requests = names.of("topics");
  }

  @Test
  void whatIsMissingIsCreatedAndASecondRunChangesNothing() {
    CommandRun first = topics("create", "--partitions", "3", "--json");
    assertThat(first.exitCode()).as(first.err()).isZero();
    assertThat(first.json())
        .hasSize(6)
        .allSatisfy(line -> assertThat(line.get("state").asText()).isEqualTo("CREATED"));

    CommandRun second = topics("create", "--partitions", "3", "--json");
    assertThat(second.exitCode()).as(second.err()).isZero();
    assertThat(second.json())
        .hasSize(6)
        .allSatisfy(line -> assertThat(line.get("state").asText()).isEqualTo("EXISTS"));

    CommandRun described = topics("describe", "--json");
    assertThat(described.exitCode()).as(described.err()).isZero();
    assertThat(described.json())
        .hasSize(6)
        .allSatisfy(line -> {
          assertThat(line.get("partitions").asInt()).isEqualTo(3);
          assertThat(line.get("records").asLong()).isZero();
          assertThat(line.get("settings").get("cleanup.policy").asText()).isEqualTo("delete");
          assertThat(line.get("settings").get("min.insync.replicas").asText()).isEqualTo("1");
        });
  }

  @Test
  void anExistingTopicIsComparedAndLeftAlone() {
    kafka.createTopic(requests, 2, Map.of("cleanup.policy", "compact"));

    CommandRun run = topics("create", "--partitions", "3");

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out())
        .containsPattern(
            requests
                + " .* differs .*partitions is 2, not 3; .*cleanup.policy is compact, not delete");
    assertThat(run.err()).contains("Nothing that exists was changed");
    assertThat(topics("describe", "--json").json().getFirst().get("partitions").asInt())
        .isEqualTo(2);
  }

  @Test
  void missingTopicsAreNamed() {
    CommandRun run = topics("describe");

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("Missing: " + requests + ",").contains("sluice topics create");
  }

  @Test
  void aBrokerThatIsNotThereIsToldInOneLine() {
    CommandRun run =
        CommandRun.sluice(
            "topics",
            "describe",
            "--bootstrap-servers",
            "127.0.0.1:1",
            "--property",
            "default.api.timeout.ms=2000",
            "--property",
            "request.timeout.ms=1000");

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err().lines()).hasSize(1);
    assertThat(run.err()).contains("127.0.0.1:1", "--bootstrap-servers");
  }

  private CommandRun topics(String command, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "topics",
                command,
                "--bootstrap-servers",
                kafka.bootstrapServers(),
                "--requests-topic",
                requests,
                "--results-topic",
                requests + "-results",
                "--dead-letters-topic",
                requests + "-dlt"));
    arguments.addAll(List.of(more));
    return CommandRun.sluice(arguments.toArray(String[]::new));
  }
}

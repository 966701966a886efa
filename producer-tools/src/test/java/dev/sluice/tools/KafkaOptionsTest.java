package dev.sluice.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class KafkaOptionsTest {

  @TempDir private Path folder;

  @Test
  void withoutAnythingItIsThisMachine() {
    Probe probe = parse();

    assertThat(probe.kafka.bootstrapServers()).isEqualTo("localhost:9092");
    assertThat(probe.kafka.schemaRegistry()).isEqualTo("http://localhost:8081");
    assertThat(probe.topics.all())
        .containsExactly(
            "inference-requests",
            "inference-results",
            "inference-requests-retry-10s",
            "inference-requests-retry-1m",
            "inference-requests-retry-10m",
            "inference-requests-dlt");
  }

  @Test
  void theCommandLineWinsOverPropertiesAndThoseOverTheFile() throws IOException {
    Path file = folder.resolve("client.properties");
    Files.writeString(
        file,
        """
        bootstrap.servers=file:1
        security.protocol=SSL
        client.id=file
        schema.registry.url=http://file
        """);

    Probe fromFile = parse("--command-config", file.toString());
    assertThat(fromFile.kafka.clientProperties())
        .containsEntry("bootstrap.servers", "file:1")
        .containsEntry("client.id", "file");
    assertThat(fromFile.kafka.registryProperties())
        .containsEntry("schema.registry.url", "http://file");

    Probe mixed =
        parse(
            "--command-config",
            file.toString(),
            "--property",
            "client.id=me",
            "--bootstrap-servers",
            "here:2");
    assertThat(mixed.kafka.clientProperties())
        .containsEntry("bootstrap.servers", "here:2")
        .containsEntry("client.id", "me")
        .containsEntry("security.protocol", "SSL");
  }

  @Test
  void theRetryTopicsFollowTheRequestsTopicAndTheDelays() {
    Probe probe = parse("--requests-topic", "photos", "--retries", "5s,2m");

    assertThat(probe.topics.retries()).containsExactly("photos-retry-5s", "photos-retry-2m");
  }

  @Test
  void aMissingFileIsAUsageErrorThatNamesIt() {
    Probe probe = parse("--command-config", folder.resolve("none").toString());

    assertThatThrownBy(probe.kafka::clientProperties)
        .isInstanceOfSatisfying(
            CommandException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.USAGE))
        .hasMessageContaining("none");
  }

  private static Probe parse(String... arguments) {
    Probe probe = new Probe();
    new CommandLine(probe).parseArgs(arguments);
    return probe;
  }

  @Command
  static final class Probe {
    @Mixin private KafkaOptions kafka;
    @Mixin private TopicOptions topics;
  }
}

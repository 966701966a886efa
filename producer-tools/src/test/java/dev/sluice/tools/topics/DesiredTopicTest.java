package dev.sluice.tools.topics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tools.TopicOptions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class DesiredTopicTest {

  private static final DesiredTopic WANTED =
      new DesiredTopic(
          "requests", 4, 3, Map.of("retention.ms", "1000", "min.insync.replicas", "2"));

  @Test
  void whatIsAsWantedDoesNotDiffer() {
    assertThat(WANTED.differences(found(4, 3, Map.of()))).isEmpty();
  }

  @Test
  void morePartitionsAreFine() {
    assertThat(WANTED.differences(found(9, 3, Map.of()))).isEmpty();
  }

  @Test
  void everythingElseIsTold() {
    assertThat(
            WANTED.differences(found(2, 1, Map.of("retention.ms", "5", "min.insync.replicas", ""))))
        .extracting(Object::toString)
        .containsExactly(
            "partitions is 2, not 4",
            "replication.factor is 1, not 3",
            "min.insync.replicas is unset, not 2",
            "retention.ms is 5, not 1000");
  }

  @Test
  void deadLettersLiveLongerAndHaveRoomForTheirHeaders() {
    List<DesiredTopic> desired = desired(3);
    Map<String, String> requests = desired.getFirst().settings();
    Map<String, String> deadLetters = desired.getLast().settings();

    assertThat(desired)
        .extracting(DesiredTopic::name)
        .startsWith("inference-requests")
        .endsWith("inference-requests-dlt")
        .hasSize(6);
    assertThat(requests)
        .containsEntry("retention.ms", Long.toString(7L * 24 * 3600 * 1000))
        .containsEntry("max.message.bytes", Integer.toString(33 << 20))
        .containsEntry("cleanup.policy", "delete")
        .containsEntry("compression.type", "producer");
    assertThat(deadLetters)
        .containsEntry("retention.ms", Long.toString(30L * 24 * 3600 * 1000))
        .containsEntry("max.message.bytes", Integer.toString(34 << 20));
  }

  @Test
  void twoOfThreeCopiesHaveToAcknowledge() {
    assertThat(desired(3))
        .allSatisfy(
            topic -> assertThat(topic.settings()).containsEntry("min.insync.replicas", "2"));
    assertThat(desired(2))
        .allSatisfy(
            topic -> assertThat(topic.settings()).containsEntry("min.insync.replicas", "1"));
    assertThat(desired(1))
        .allSatisfy(
            topic -> assertThat(topic.settings()).containsEntry("min.insync.replicas", "1"));
  }

  private static ExistingTopic found(
      int partitions, int replicationFactor, Map<String, String> other) {
    Map<String, String> settings = new HashMap<>(WANTED.settings());
    settings.put("segment.bytes", "7");
    settings.putAll(other);
    return new ExistingTopic("requests", partitions, replicationFactor, 0, settings);
  }

  private static List<DesiredTopic> desired(int replicationFactor) {
    Options options = new Options();
    new CommandLine(options).parseArgs();
    return options.settings.desired(options.topics, 4, replicationFactor);
  }

  @Command
  static final class Options {
    @Mixin private TopicOptions topics;
    @Mixin private TopicSettings settings;
  }
}

package dev.sluice.tools.topics;

import dev.sluice.tools.ExitCode;
import dev.sluice.tools.KafkaOptions;
import dev.sluice.tools.OutputOptions;
import dev.sluice.tools.Table;
import dev.sluice.tools.TopicOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code sluice topics describe}: what the topics are like. */
@Command(
    name = "describe",
    description = {
      "Say what the topics that Sluice uses are like.",
      "The exit code is 1 if one of them is missing."
    })
final class TopicsDescribe implements Callable<Integer> {

  @Mixin private KafkaOptions kafka;
  @Mixin private TopicOptions topics;
  @Mixin private OutputOptions output;

  @Override
  public Integer call() throws ExecutionException, InterruptedException {
    List<String> missing = new ArrayList<>(topics.all());
    List<Line> lines;
    try (Admin admin = kafka.admin()) {
      TopicCatalog catalog = new TopicCatalog(admin);
      Map<String, ExistingTopic> existing = catalog.existing(topics.all());
      Map<String, Long> records = catalog.records(existing.values());
      missing.removeAll(existing.keySet());
      lines =
          topics.all().stream()
              .filter(existing::containsKey)
              .map(existing::get)
              .map(topic -> Line.of(topic, records.getOrDefault(topic.name(), 0L)))
              .toList();
    }
    print(lines);
    if (missing.isEmpty()) {
      return ExitCode.DONE;
    }
    output.progress(
        "Missing: " + String.join(", ", missing) + ". Create them with: sluice topics create");
    return ExitCode.FAILED;
  }

  private void print(List<Line> lines) {
    if (output.json()) {
      lines.forEach(output::json);
      return;
    }
    output.table(
        new Table(
            List.of(
                "TOPIC",
                "PARTITIONS",
                "COPIES",
                "MIN IN SYNC",
                "BEHIND",
                "OFFSETS",
                "RETENTION MS",
                "MAX BYTES",
                "CLEANUP"),
            lines.stream().map(Line::cells).toList()));
  }

  /**
   * One line of the answer.
   *
   * @param records offsets between the first record kept and the last; transactions make it more
   *     than there are records
   */
  record Line(
      String topic,
      int partitions,
      int replicationFactor,
      int underReplicated,
      long records,
      Map<String, String> settings) {

    private static final List<String> SHOWN =
        List.of(
            "min.insync.replicas",
            "retention.ms",
            "max.message.bytes",
            "cleanup.policy",
            "compression.type");

    static Line of(ExistingTopic topic, long records) {
      Map<String, String> shown = new java.util.TreeMap<>(topic.settings());
      shown.keySet().retainAll(SHOWN);
      return new Line(
          topic.name(),
          topic.partitions(),
          topic.replicationFactor(),
          topic.underReplicated(),
          records,
          shown);
    }

    List<String> cells() {
      return List.of(
          topic,
          Integer.toString(partitions),
          Integer.toString(replicationFactor),
          setting("min.insync.replicas"),
          Integer.toString(underReplicated),
          Long.toString(records),
          setting("retention.ms"),
          setting("max.message.bytes"),
          setting("cleanup.policy"));
    }

    private String setting(String name) {
      return settings.getOrDefault(name, "-");
    }
  }
}

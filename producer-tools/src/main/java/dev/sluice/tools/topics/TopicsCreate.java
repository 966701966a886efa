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
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.TopicExistsException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code sluice topics create}: creates what is missing, compares what is there, changes nothing
 * that exists.
 */
@Command(
    name = "create",
    description = {
      "Create the topics that Sluice uses.",
      "Topics that exist are left as they are and compared with what was asked for; if one differs,"
          + " the exit code is 1."
    })
final class TopicsCreate implements Callable<Integer> {

  @Mixin private KafkaOptions kafka;
  @Mixin private TopicOptions topics;
  @Mixin private TopicSettings settings;
  @Mixin private OutputOptions output;

  @Option(
      names = "--partitions",
      paramLabel = "N",
      defaultValue = "4",
      description =
          "Partitions of each topic: as many workers can share the work (default:"
              + " ${DEFAULT-VALUE}). More can be added later, never taken away.")
  private int partitions;

  @Option(
      names = "--replication-factor",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Copies of each partition (default: 3, or one for each broker if there are fewer).")
  private int replicationFactor;

  @Override
  public Integer call() throws ExecutionException, InterruptedException {
    List<Line> lines;
    try (Admin admin = kafka.admin()) {
      TopicCatalog catalog = new TopicCatalog(admin);
      int copies = replicationFactor > 0 ? replicationFactor : Math.min(3, catalog.brokers());
      lines = create(admin, catalog, settings.desired(topics, partitions, copies));
    }
    print(lines);
    return lines.stream().anyMatch(line -> line.state() == State.DIFFERS)
        ? ExitCode.FAILED
        : ExitCode.DONE;
  }

  private static List<Line> create(Admin admin, TopicCatalog catalog, List<DesiredTopic> desired)
      throws ExecutionException, InterruptedException {
    Map<String, ExistingTopic> before =
        catalog.existing(desired.stream().map(DesiredTopic::name).toList());
    Map<String, KafkaFuture<Void>> orders =
        admin
            .createTopics(
                desired.stream()
                    .filter(topic -> !before.containsKey(topic.name()))
                    .map(DesiredTopic::order)
                    .toList())
            .values();
    List<String> raced = new ArrayList<>();
    for (Map.Entry<String, KafkaFuture<Void>> order : orders.entrySet()) {
      if (!created(order.getValue())) {
        raced.add(order.getKey());
      }
    }
    Map<String, ExistingTopic> createdByOthers = catalog.existing(raced);
    List<Line> lines = new ArrayList<>();
    for (DesiredTopic topic : desired) {
      ExistingTopic found = before.getOrDefault(topic.name(), createdByOthers.get(topic.name()));
      lines.add(found == null ? Line.created(topic) : Line.found(topic, found));
    }
    return lines;
  }

  /** Waits for {@code order}; false if somebody else created the topic at the same moment. */
  private static boolean created(KafkaFuture<Void> order)
      throws ExecutionException, InterruptedException {
    try {
      order.get();
      return true;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TopicExistsException) {
        return false;
      }
      throw e;
    }
  }

  private void print(List<Line> lines) {
    if (output.json()) {
      lines.forEach(output::json);
      return;
    }
    output.table(
        new Table(
            List.of("TOPIC", "PARTITIONS", "COPIES", "STATE", "DIFFERENCES"),
            lines.stream().map(Line::cells).toList()));
    if (lines.stream().anyMatch(line -> line.state() == State.DIFFERS)) {
      output.progress(
          "Nothing that exists was changed. Change it with Kafka's own kafka-configs and"
              + " kafka-topics, or ask for what is there.");
    }
  }

  /** What became of a topic. */
  enum State {
    CREATED,
    EXISTS,
    DIFFERS
  }

  /** One line of the answer. */
  record Line(
      String topic,
      int partitions,
      int replicationFactor,
      State state,
      List<DesiredTopic.Difference> differences) {

    static Line created(DesiredTopic topic) {
      return new Line(
          topic.name(), topic.partitions(), topic.replicationFactor(), State.CREATED, List.of());
    }

    static Line found(DesiredTopic topic, ExistingTopic found) {
      List<DesiredTopic.Difference> differences = topic.differences(found);
      return new Line(
          topic.name(),
          found.partitions(),
          found.replicationFactor(),
          differences.isEmpty() ? State.EXISTS : State.DIFFERS,
          differences);
    }

    List<String> cells() {
      return List.of(
          topic,
          Integer.toString(partitions),
          Integer.toString(replicationFactor),
          state.name().toLowerCase(java.util.Locale.ROOT),
          differences.stream().map(Object::toString).collect(Collectors.joining("; ")));
    }
  }
}

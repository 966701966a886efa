package dev.sluice.tools.topics;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.NewTopic;

/**
 * What a topic should be like. Immutable.
 *
 * @param name its name
 * @param partitions how many partitions it should have at least
 * @param replicationFactor how many copies of each partition
 * @param settings its settings, by Kafka's names
 */
record DesiredTopic(
    String name, int partitions, int replicationFactor, Map<String, String> settings) {

  DesiredTopic {
    settings = Map.copyOf(settings);
  }

  /** The order to create it. */
  NewTopic order() {
    return new NewTopic(name, partitions, (short) replicationFactor).configs(settings);
  }

  /**
   * Where {@code found} is not as it should be. More partitions than wanted are no difference:
   * partitions can be added to a topic and not taken away.
   */
  List<Difference> differences(ExistingTopic found) {
    List<Difference> differences = new ArrayList<>();
    if (found.partitions() < partitions) {
      differences.add(
          new Difference(
              "partitions", Integer.toString(partitions), Integer.toString(found.partitions())));
    }
    if (found.replicationFactor() != replicationFactor) {
      differences.add(
          new Difference(
              "replication.factor",
              Integer.toString(replicationFactor),
              Integer.toString(found.replicationFactor())));
    }
    settings.keySet().stream()
        .sorted()
        .forEach(key -> {
          String wanted = settings.getOrDefault(key, "");
          String is = found.settings().getOrDefault(key, "");
          if (!wanted.equals(is)) {
            differences.add(new Difference(key, wanted, is));
          }
        });
    return differences;
  }

  /**
   * One setting that is not as wanted.
   *
   * @param setting its name
   * @param wanted what was asked for
   * @param found what the broker has
   */
  record Difference(String setting, String wanted, String found) {
    @Override
    public String toString() {
      return "%s is %s, not %s".formatted(setting, found.isEmpty() ? "unset" : found, wanted);
    }
  }
}

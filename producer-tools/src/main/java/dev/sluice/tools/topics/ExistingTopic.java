package dev.sluice.tools.topics;

import java.util.Map;

/**
 * A topic as the broker has it.
 *
 * @param name its name
 * @param partitions how many partitions
 * @param replicationFactor how many copies of a partition; the smallest where partitions differ
 * @param underReplicated how many partitions have a copy that lags behind or is away
 * @param settings its settings, by Kafka's names, defaults included
 */
record ExistingTopic(
    String name,
    int partitions,
    int replicationFactor,
    int underReplicated,
    Map<String, String> settings) {

  ExistingTopic {
    settings = Map.copyOf(settings);
  }
}

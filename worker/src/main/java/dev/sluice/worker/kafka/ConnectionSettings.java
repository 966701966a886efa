package dev.sluice.worker.kafka;

import static java.util.Objects.requireNonNull;

import java.util.Map;

/**
 * Where Kafka and the schema registry are. Holds secrets: never logged.
 *
 * @param bootstrapServers host:port, comma-separated
 * @param schemaRegistryUrl base URL of a registry that speaks Confluent's API
 * @param groupId consumer group of the workers that share the work
 * @param properties passed untouched to every Kafka client and to the registry's client
 * @param consumer passed untouched to the consumer; wins over {@code properties} and our defaults
 * @param producer passed untouched to the producer; wins over {@code properties} and our defaults
 */
public record ConnectionSettings(
    String bootstrapServers,
    String schemaRegistryUrl,
    String groupId,
    Map<String, String> properties,
    Map<String, String> consumer,
    Map<String, String> producer) {
  public ConnectionSettings {
    requireNonNull(bootstrapServers, "bootstrapServers is null");
    requireNonNull(schemaRegistryUrl, "schemaRegistryUrl is null");
    requireNonNull(groupId, "groupId is null");
    properties = Map.copyOf(properties);
    consumer = Map.copyOf(consumer);
    producer = Map.copyOf(producer);
  }

  @Override
  public String toString() {
    return "ConnectionSettings["
        + bootstrapServers
        + ", "
        + schemaRegistryUrl
        + ", "
        + groupId
        + "]";
  }
}

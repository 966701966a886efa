package dev.sluice.tools.topics;

import dev.sluice.tools.TopicOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Option;

/** A mixin that says what Sluice's topics should be like. */
public final class TopicSettings {

  /**
   * How much room a dead letter needs beyond the record it carries: a stack trace and a dozen short
   * headers.
   */
  private static final int HEADER_ROOM = 1 << 20;

  @Option(
      names = "--retention-days",
      paramLabel = "DAYS",
      defaultValue = "7",
      description =
          "How long requests, retries and results are kept: longer than the longest outage to sit"
              + " through (default: ${DEFAULT-VALUE}).")
  private int retentionDays;

  @Option(
      names = "--dead-letters-retention-days",
      paramLabel = "DAYS",
      defaultValue = "30",
      description =
          "How long dead letters wait for somebody to look at them (default: ${DEFAULT-VALUE}).")
  private int deadLettersRetentionDays;

  @Option(
      names = "--max-message-bytes",
      paramLabel = "BYTES",
      defaultValue = "34603008",
      description =
          "Largest request, an image inside it included (default: ${DEFAULT-VALUE}, the worker's"
              + " own limit of 32 MiB for an image and 1 MiB for the rest).")
  private int maxMessageBytes;

  /**
   * What each topic should be like.
   *
   * @param topics their names
   * @param partitions how many partitions each should have at least
   * @param replicationFactor how many copies each should have
   */
  List<DesiredTopic> desired(TopicOptions topics, int partitions, int replicationFactor) {
    Duration retention = Duration.ofDays(retentionDays);
    List<DesiredTopic> desired = new ArrayList<>();
    for (String name : topics.all()) {
      boolean deadLetters = name.equals(topics.deadLetters());
      Map<String, String> settings =
          settings(
              deadLetters ? Duration.ofDays(deadLettersRetentionDays) : retention,
              deadLetters ? maxMessageBytes + HEADER_ROOM : maxMessageBytes,
              replicationFactor);
      desired.add(new DesiredTopic(name, partitions, replicationFactor, settings));
    }
    return desired;
  }

  private static Map<String, String> settings(
      Duration retention, int maxMessageBytes, int replicationFactor) {
    Map<String, String> settings = new TreeMap<>();
    settings.put("cleanup.policy", "delete");
    settings.put("retention.ms", Long.toString(retention.toMillis()));
    settings.put("max.message.bytes", Integer.toString(maxMessageBytes));
    // The producer's choice is kept: images are compressed already and would only cost the broker
    // time.
    settings.put("compression.type", "producer");
    // With three copies one broker may be away and an acknowledged record is still on two.
    settings.put("min.insync.replicas", replicationFactor >= 3 ? "2" : "1");
    return settings;
  }
}

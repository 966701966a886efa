package dev.sluice.tools;

import dev.sluice.worker.kafka.Topics;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/**
 * A mixin for commands that need the names of Sluice's topics. The defaults are the worker's own.
 */
public final class TopicOptions {

  @Option(
      names = "--requests-topic",
      paramLabel = "TOPIC",
      defaultValue = "${env:SLUICE_TOPICS_REQUESTS:-inference-requests}",
      description = "Where requests are sent (default: ${DEFAULT-VALUE}).")
  private String requests = "";

  @Option(
      names = "--results-topic",
      paramLabel = "TOPIC",
      defaultValue = "${env:SLUICE_TOPICS_RESULTS:-inference-results}",
      description = "Where results arrive (default: ${DEFAULT-VALUE}).")
  private String results = "";

  @Option(
      names = "--dead-letters-topic",
      paramLabel = "TOPIC",
      defaultValue = "${env:SLUICE_TOPICS_DEAD_LETTERS:-inference-requests-dlt}",
      description = "Where requests that failed for good are kept (default: ${DEFAULT-VALUE}).")
  private String deadLetters = "";

  @Option(
      names = "--retries",
      paramLabel = "DELAY",
      split = ",",
      converter = Durations.class,
      defaultValue = "${env:SLUICE_TOPICS_RETRIES:-10s,1m,10m}",
      description =
          "Delays of the retry topics, which are named after the requests topic and the delay, such"
              + " as inference-requests-retry-10s (default: ${DEFAULT-VALUE}).")
  private List<Duration> retries = List.of();

  /** Where requests are sent. */
  public String requests() {
    return requests;
  }

  /** Where results arrive. */
  public String results() {
    return results;
  }

  /** Where requests that failed for good are kept. */
  public String deadLetters() {
    return deadLetters;
  }

  /** Where requests wait for their next attempt, in the order of their delays. */
  public List<String> retries() {
    return retries.stream().map(delay -> Topics.retryTopic(requests, delay)).toList();
  }

  /** Every topic of Sluice. */
  public List<String> all() {
    return Stream.of(List.of(requests, results), retries(), List.of(deadLetters))
        .flatMap(List::stream)
        .toList();
  }
}

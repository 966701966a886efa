package dev.sluice.worker.kafka;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The topics that a worker reads and writes.
 *
 * @param requests topics that hold requests, at least one
 * @param results topic of the results
 * @param deadLetters topic of the dead letters
 * @param retries delays of the retry topics, ascending; each topic of requests has one retry topic
 *     for each delay
 */
public record Topics(
    List<String> requests, String results, String deadLetters, List<Duration> retries) {
  private static final Map<String, Duration> UNITS = units();

  public Topics {
    requests = List.copyOf(requests);
    requireNonNull(results, "results is null");
    requireNonNull(deadLetters, "deadLetters is null");
    retries = List.copyOf(retries);
    if (requests.isEmpty()) {
      throw new IllegalArgumentException("there is no topic of requests");
    }
    Collection<String> read = read(requests, retries);
    if (Set.copyOf(read).size() != read.size()) {
      throw new IllegalArgumentException("a topic is read as two: " + read);
    }
    if (read.contains(results) || read.contains(deadLetters)) {
      throw new IllegalArgumentException(
          "a topic of requests or retries is written to as well: "
              + read
              + ", results "
              + results
              + ", dead letters "
              + deadLetters);
    }
  }

  /** What a topic that is read holds. */
  sealed interface Source {
    /** Requests as their producers sent them. */
    record Requests() implements Source {}

    /**
     * Requests that wait for their next attempt.
     *
     * @param requests the topic of requests that they came from
     * @param step the step of the ladder, from 0
     * @param delay how long they wait here
     */
    record Retries(String requests, int step, Duration delay) implements Source {}
  }

  /**
   * The name of a retry topic, such as {@code inference-requests-retry-10s}: the delay in the
   * largest unit (d, h, m, s, ms, us, ns) of which it is a whole number.
   *
   * @param delay positive
   */
  public static String retryTopic(String requests, Duration delay) {
    return requests + "-retry-" + text(delay);
  }

  /** The retry topic of a step for requests of this topic. */
  String retryTopic(String requests, int step) {
    return retryTopic(requests, retries.get(step));
  }

  /** Every topic that is read. */
  Collection<String> read() {
    return read(requests, retries);
  }

  /** What a topic that is read holds. */
  Source source(String topic) {
    for (String origin : requests) {
      for (int step = 0; step < retries.size(); step++) {
        if (topic.equals(retryTopic(origin, step))) {
          return new Source.Retries(origin, step, retries.get(step));
        }
      }
    }
    return new Source.Requests();
  }

  /** All of them, sorted. */
  public Set<String> all() {
    Set<String> all = new TreeSet<>(read());
    all.add(results);
    all.add(deadLetters);
    return all;
  }

  private static List<String> read(List<String> requests, List<Duration> retries) {
    List<String> read = new ArrayList<>(requests);
    for (String origin : requests) {
      retries.forEach(delay -> read.add(retryTopic(origin, delay)));
    }
    return read;
  }

  private static String text(Duration delay) {
    if (!delay.isPositive()) {
      throw new IllegalArgumentException("a delay is positive: " + delay);
    }
    for (Map.Entry<String, Duration> unit : UNITS.entrySet()) {
      if (delay.toNanos() % unit.getValue().toNanos() == 0) {
        return delay.toNanos() / unit.getValue().toNanos() + unit.getKey();
      }
    }
    throw new IllegalStateException("every duration is a whole number of nanoseconds: " + delay);
  }

  private static Map<String, Duration> units() {
    Map<String, Duration> units = new LinkedHashMap<>();
    units.put("d", Duration.ofDays(1));
    units.put("h", Duration.ofHours(1));
    units.put("m", Duration.ofMinutes(1));
    units.put("s", Duration.ofSeconds(1));
    units.put("ms", Duration.ofMillis(1));
    units.put("us", Duration.ofNanos(1_000));
    units.put("ns", Duration.ofNanos(1));
    return units;
  }
}

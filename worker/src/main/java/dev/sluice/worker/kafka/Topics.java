package dev.sluice.worker.kafka;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The topics that a worker reads and writes.
 *
 * @param requests topics that hold requests, at least one
 * @param results topic of the results
 * @param deadLetters topic of the dead letters
 */
public record Topics(List<String> requests, String results, String deadLetters) {
  public Topics {
    requests = List.copyOf(requests);
    requireNonNull(results, "results is null");
    requireNonNull(deadLetters, "deadLetters is null");
    if (requests.isEmpty()) {
      throw new IllegalArgumentException("there is no topic of requests");
    }
    if (requests.contains(results) || requests.contains(deadLetters)) {
      throw new IllegalArgumentException(
          "a topic of requests is written to as well: "
              + requests
              + ", results "
              + results
              + ", dead letters "
              + deadLetters);
    }
  }

  /** All of them, sorted. */
  public Set<String> all() {
    Set<String> all = new TreeSet<>(requests);
    all.add(results);
    all.add(deadLetters);
    return all;
  }
}

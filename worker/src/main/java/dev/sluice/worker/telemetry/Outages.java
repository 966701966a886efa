package dev.sluice.worker.telemetry;

import dev.sluice.worker.telemetry.WorkerStatus.Waiting;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** What is told of requests that wait for something that is down for everybody. Pure. */
final class Outages {
  /** Producers choose what requests wait for; more than this is not told one by one. */
  static final int MOST = 20;

  static final String OTHER = "other";

  private Outages() {}

  /** Those that most requests wait for, and the others, if there are any, as one. */
  static List<Waiting> largest(List<Waiting> waiting) {
    List<Waiting> sorted =
        waiting.stream()
            .sorted(
                Comparator.comparingInt(Waiting::requests)
                    .reversed()
                    .thenComparing(Waiting::dependency))
            .toList();
    if (sorted.size() <= MOST) {
      return sorted;
    }
    List<Waiting> told = new ArrayList<>(sorted.subList(0, MOST));
    List<Waiting> others = sorted.subList(MOST, sorted.size());
    told.add(
        new Waiting(
            OTHER,
            others.stream().mapToInt(Waiting::requests).sum(),
            others.stream()
                .map(Waiting::since)
                .min(Comparator.naturalOrder())
                .orElse(Instant.MIN)));
    return told;
  }

  /** One line for each, for people. */
  static List<String> lines(List<Waiting> waiting) {
    return largest(waiting).stream()
        .map(each ->
            "%d requests wait for %s, down since %s"
                .formatted(each.requests(), each.dependency(), each.since()))
        .toList();
  }
}

package dev.sluice.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tools.local.WorkerProcess;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** What workers say of the partitions that their group gives them. */
final class Members {
  private static final Pattern PARTITION =
      Pattern.compile(
          "^sluice_partition_in_flight_records\\{.*partition=\"([0-9]+)\".*", Pattern.MULTILINE);
  private static final Pattern REBALANCE =
      Pattern.compile("^(\\S+) .* (assigned|handed back|lost) (\\[.*\\]).*");

  private Members() {}

  /**
   * A line of a worker's log.
   *
   * @param what assigned, handed back or lost
   */
  record Change(Instant at, String what, String partitions) {}

  /** The partitions that a worker has now. */
  static Set<Integer> partitions(WorkerProcess worker) {
    Set<Integer> partitions = new TreeSet<>();
    Matcher series = PARTITION.matcher(Scrape.of(worker).text());
    while (series.find()) {
      partitions.add(Integer.parseInt(series.group(1)));
    }
    return partitions;
  }

  /** Waits until each of the workers has so many partitions. */
  static void awaitPartitions(int each, WorkerProcess... workers) {
    Stream.of(workers).forEach(WorkerProcess::awaitReady);
    Awaitility.await()
        .atMost(Scene.LIMIT)
        .untilAsserted(() ->
            assertThat(Stream.of(workers).map(Members::partitions))
                .allSatisfy(partitions -> assertThat(partitions).hasSize(each)));
  }

  /** How a worker's partitions have changed, in order; changes that are none are left out. */
  static List<Change> changes(WorkerProcess worker) {
    return worker
        .log()
        .lines()
        .map(REBALANCE::matcher)
        .filter(Matcher::matches)
        .map(line -> new Change(Instant.parse(line.group(1)), line.group(2), line.group(3)))
        .filter(change -> !change.partitions().startsWith("[]"))
        .toList();
  }
}

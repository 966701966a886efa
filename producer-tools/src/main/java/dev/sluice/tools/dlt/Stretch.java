package dev.sluice.tools.dlt;

import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/**
 * A part of a topic. Immutable.
 *
 * @param begin the first offset of each partition
 * @param end the first offset after it, for the same partitions
 */
record Stretch(Map<TopicPartition, Long> begin, Map<TopicPartition, Long> end) {

  Stretch {
    begin = Map.copyOf(begin);
    end = Map.copyOf(end);
    if (!begin.keySet().equals(end.keySet())) {
      throw new IllegalArgumentException("a stretch begins %s and ends %s".formatted(begin, end));
    }
  }

  /** How many offsets it has. Some may hold no record. */
  long offsets() {
    return begin.keySet().stream()
        .mapToLong(partition -> Math.max(0, end(partition) - begin(partition)))
        .sum();
  }

  long begin(TopicPartition partition) {
    return begin.getOrDefault(partition, 0L);
  }

  long end(TopicPartition partition) {
    return end.getOrDefault(partition, 0L);
  }
}

package dev.sluice.tools.soak;

import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What became of the requests. Immutable.
 *
 * @param sent requests that the brokers have acknowledged
 * @param notAcknowledged requests whose send failed: they may be there or not
 * @param succeeded requests whose first result says so
 * @param failed requests whose first result says so
 * @param expired requests whose first result says so
 * @param deadLettered requests with a dead letter
 * @param replayed how many dead letters were sent again
 * @param answeredAfterReplay how many of those have a result
 * @param longestStall the longest time in which nothing ended although something was outstanding
 * @param defects how often there was what; what there was not is not in it
 * @param examples the first ones of each
 */
record Totals(
    long sent,
    long notAcknowledged,
    long succeeded,
    long failed,
    long expired,
    long deadLettered,
    long replayed,
    long answeredAfterReplay,
    Duration longestStall,
    Map<Defect, Long> defects,
    Map<Defect, List<String>> examples) {
  Totals {
    defects = Map.copyOf(defects);
    examples = new EnumMap<>(examples);
  }

  /** How often there was this. */
  long count(Defect defect) {
    return defects.getOrDefault(defect, 0L);
  }

  /** The first ones of a defect. */
  List<String> examples(Defect defect) {
    return examples.getOrDefault(defect, List.of());
  }
}

package dev.sluice.system;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;

/**
 * Requests against results. Immutable.
 *
 * @param sent how many requests
 * @param results how many results, duplicates too
 * @param missing requests without a result
 * @param unexpected results that nobody asked for
 */
record Account(int sent, int results, List<String> missing, List<String> unexpected) {
  static Account of(Collection<String> sent, Collection<String> answered) {
    SequencedSet<String> missing = new LinkedHashSet<>(sent);
    missing.removeAll(answered);
    SequencedSet<String> unexpected = new LinkedHashSet<>(answered);
    unexpected.removeAll(sent);
    return new Account(sent.size(), answered.size(), List.copyOf(missing), List.copyOf(unexpected));
  }

  /** Results beyond the first one of a request. */
  int duplicates() {
    return results - unexpected.size() - (sent - missing.size());
  }

  @Override
  public String toString() {
    return "sent %d, results %d, missing %d, duplicates %d, unexpected %d"
        .formatted(sent, results, missing.size(), duplicates(), unexpected.size());
  }
}

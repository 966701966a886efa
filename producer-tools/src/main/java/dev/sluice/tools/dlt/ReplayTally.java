package dev.sluice.tools.dlt;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Counts what a replay does, in bounded memory. Used by one thread. */
final class ReplayTally {
  private static final int MAX_GROUPS = 1000;
  private static final int REFUSED_BY_NAME = 20;

  /** What requests are told apart by. */
  record Group(String code, String origin, String topic) {}

  /** How many there are of a group. */
  record GroupCount(String code, String origin, String topic, long count) {}

  /** How many were refused for one reason, and where the first of them are. */
  record RefusalCount(Refusal reason, long count, List<String> first) {}

  private final Counts<Group> sent =
      new Counts<>(MAX_GROUPS, new Group("(others)", "(others)", "(others)"));
  private final Map<Refusal, Long> refused = new EnumMap<>(Refusal.class);
  private final Map<Refusal, List<String>> first = new EnumMap<>(Refusal.class);

  void sent(Group group) {
    sent.add(group);
  }

  void refused(Refusal reason, String place) {
    refused.merge(reason, 1L, Long::sum);
    List<String> places = first.computeIfAbsent(reason, _ -> new ArrayList<>());
    if (places.size() < REFUSED_BY_NAME) {
      places.add(place);
    }
  }

  long sent() {
    return sent.total();
  }

  long refused() {
    return refused.values().stream().mapToLong(Long::longValue).sum();
  }

  List<GroupCount> groups() {
    return sent.largestFirst().stream()
        .map(count ->
            new GroupCount(
                count.group().code(), count.group().origin(), count.group().topic(), count.count()))
        .toList();
  }

  List<RefusalCount> refusals() {
    return refused.entrySet().stream()
        .map(entry ->
            new RefusalCount(
                entry.getKey(),
                entry.getValue(),
                List.copyOf(first.getOrDefault(entry.getKey(), List.of()))))
        .toList();
  }
}

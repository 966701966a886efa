package dev.sluice.tools.dlt;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/** What there is, in numbers. In bounded memory, whatever comes. Used by one thread. */
final class Summary {
  private static final int MAX_GROUPS = 1000;
  private static final Group OTHERS = new Group("(others)", "(others)");

  /** What dead letters are told apart by. */
  record Group(String code, String origin) {}

  /** How many there are of a group. */
  record GroupCount(String code, String origin, long count) {}

  /** How many came in an hour. */
  record HourCount(Instant hour, long count) {}

  /** The whole summary. */
  record Report(long deadLetters, List<GroupCount> byCodeAndOrigin, List<HourCount> newestDay) {}

  private final Counts<Group> groups = new Counts<>(MAX_GROUPS, OTHERS);
  private final Hours hours;

  /**
   * @param now the newest time that is believed
   */
  Summary(Instant now) {
    this.hours = new Hours(now);
  }

  void add(DeadLetter letter, Payload payload) {
    groups.add(new Group(letter.code(), payload.origin()));
    hours.add(letter.time());
  }

  Report report() {
    List<GroupCount> byGroup =
        groups.largestFirst().stream()
            .map(count ->
                new GroupCount(count.group().code(), count.group().origin(), count.count()))
            .toList();
    List<HourCount> byHour = hours.newestDay().entrySet().stream().map(Summary::hourCount).toList();
    return new Report(groups.total(), byGroup, byHour);
  }

  private static HourCount hourCount(Map.Entry<Instant, Long> hour) {
    return new HourCount(hour.getKey(), hour.getValue());
  }
}

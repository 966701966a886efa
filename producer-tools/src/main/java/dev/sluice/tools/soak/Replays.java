package dev.sluice.tools.soak;

import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * What became of the requests that were sent again from their dead letters. Each is known by the
 * dead letter that it was sent from, which its record, its result and its next dead letter name in
 * their headers; so a request with two dead letters is expected to be answered twice. Guarded by
 * whoever has it.
 */
final class Replays {
  private final Map<Replay, Fate> fates = new LinkedHashMap<>();
  private final BitSet numbers = new BitSet();
  private int sent;
  private int answered;
  private int outstanding;

  /**
   * A request that was sent again.
   *
   * @param number of the request
   * @param from the place of the dead letter that it was sent from
   */
  record Replay(int number, String from) {}

  private static final class Fate {
    boolean sent;
    boolean answered;
    boolean failed;
    boolean buried;
  }

  /** Its record is there; false when it was there already. */
  boolean sent(Replay replay) {
    Fate fate = fate(replay);
    if (fate.sent) {
      return false;
    }
    fate.sent = true;
    numbers.set(replay.number());
    sent++;
    outstanding += fate.answered ? 0 : 1;
    return true;
  }

  /** Its result is there; false when there was one already. */
  boolean answered(Replay replay, boolean failed) {
    Fate fate = fate(replay);
    if (fate.answered) {
      return false;
    }
    fate.answered = true;
    fate.failed = failed;
    answered++;
    outstanding -= fate.sent ? 1 : 0;
    return true;
  }

  /** Its dead letter is there; false when there was one already. */
  boolean buried(Replay replay) {
    Fate fate = fate(replay);
    boolean first = !fate.buried;
    fate.buried = true;
    return first;
  }

  /** How many were sent. */
  int sent() {
    return sent;
  }

  /** How many have a result. */
  int answered() {
    return answered;
  }

  /** How many were sent and have no result. */
  int outstanding() {
    return outstanding;
  }

  /** The requests that were sent again. */
  BitSet numbers() {
    return (BitSet) numbers.clone();
  }

  List<Replay> missing() {
    return those(fate -> fate.sent && !fate.answered);
  }

  List<Replay> failedWithoutDeadLetter() {
    return those(fate -> fate.failed && !fate.buried);
  }

  /** Those that have ended and were never sent. */
  List<Replay> unexpected() {
    return those(fate -> !fate.sent);
  }

  private List<Replay> those(Predicate<Fate> wanted) {
    return fates.entrySet().stream()
        .filter(entry -> wanted.test(entry.getValue()))
        .map(Map.Entry::getKey)
        .toList();
  }

  private Fate fate(Replay replay) {
    return fates.computeIfAbsent(replay, _ -> new Fate());
  }
}

package dev.sluice.tools.soak;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.sluice.tools.soak.Replays.Replay;
import dev.sluice.tools.soak.Traffic.Planned;
import dev.sluice.v1.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.LongSupplier;

/**
 * What became of every request: the one place that says whether something was lost, done twice,
 * done wrong or answered out of order. It keeps a few bytes for each request, whatever happens.
 *
 * <p>A request counts once the brokers have acknowledged it; results may be seen before that. A
 * request whose send failed may be there or not, and both are right. A request that is sent again
 * from a dead letter must end once more, by itself; it has no place in the order of its key. Safe
 * for any thread.
 */
final class Account {
  private static final int EXAMPLES = 10;

  private final Traffic traffic;
  private final LongSupplier nanos;

  /** Whose images are to be put in place. */
  private final BitSet restored = new BitSet();

  @GuardedBy("this")
  private final BitSet acknowledged = new BitSet();

  @GuardedBy("this")
  private final BitSet notAcknowledged = new BitSet();

  @GuardedBy("this")
  private final BitSet answered = new BitSet();

  @GuardedBy("this")
  private final BitSet failed = new BitSet();

  @GuardedBy("this")
  private final BitSet buried = new BitSet();

  @GuardedBy("this")
  private final BitSet wrong = new BitSet();

  /** By key, the highest number whose result has been seen. */
  @GuardedBy("this")
  private final Map<String, Integer> latest = new HashMap<>();

  /** Where the brokers have put a request, by its number: for whoever looks for a lost one. */
  @GuardedBy("this")
  private int[] partitions = new int[1024];

  @GuardedBy("this")
  private long[] offsets = new long[1024];

  /** What happened as it was read; what did not happen is known at the end. */
  @GuardedBy("this")
  private final Tally seen = new Tally();

  /** What was sent again from dead letters. */
  @GuardedBy("this")
  private final Replays replays = new Replays();

  /** Whether the images of {@link RequestKind#RESTORED} are there. */
  @GuardedBy("this")
  private boolean imagesRestored;

  /** Whether all that is to be sent again has been. */
  @GuardedBy("this")
  private boolean replayFinished;

  @GuardedBy("this")
  private long succeeded;

  @GuardedBy("this")
  private long expired;

  /** Acknowledged requests that have not ended, without company. */
  @GuardedBy("this")
  private int outstanding;

  /** Acknowledged company that has not ended. */
  @GuardedBy("this")
  private int company;

  @GuardedBy("this")
  private long lastProgress;

  @GuardedBy("this")
  private long longestStall;

  /**
   * @param nanos measures intervals, in nanoseconds of any origin
   */
  Account(Traffic traffic, LongSupplier nanos) {
    this.traffic = traffic;
    this.nanos = nanos;
    traffic.restored().forEach(restored::set);
    this.lastProgress = nanos.getAsLong();
  }

  /** The brokers have a request, at this place. */
  synchronized void acknowledged(int number, int partition, long offset) {
    acknowledged.set(number);
    if (number >= partitions.length) {
      int longer = Math.max(number + 1, partitions.length * 2);
      partitions = Arrays.copyOf(partitions, longer);
      offsets = Arrays.copyOf(offsets, longer);
    }
    partitions[number] = partition;
    offsets[number] = offset;
    if (!hasEnded(number) && traffic.isCompany(number)) {
      company++;
    } else if (!hasEnded(number)) {
      somethingIsOutstanding();
      outstanding++;
    }
  }

  /** A request's send failed: it may be there or not. */
  synchronized void notAcknowledged(int number) {
    notAcknowledged.set(number);
  }

  /**
   * A result, as a reader sees it.
   *
   * @param requestId of whom
   * @param key the record's
   * @param header what {@link Traffic#HEADER} says; empty for nothing
   * @param replayedFrom the place of the dead letter that its request was sent again from; empty
   *     for none
   * @param code its error code; empty for none
   * @param label what the model saw; empty for nothing
   */
  record Result(
      String requestId,
      String key,
      String header,
      String replayedFrom,
      Status status,
      String code,
      String label) {}

  /** A result has been read. */
  synchronized void result(Result result) {
    OptionalInt found = traffic.number(result.requestId());
    if (found.isEmpty()) {
      seen.add(Defect.UNEXPECTED, "a result that nobody asked for: " + result);
      return;
    }
    int number = found.getAsInt();
    Planned planned = traffic.planned(number);
    if (!result.replayedFrom().isEmpty()) {
      resultOfReplay(planned, result);
      return;
    }
    String deviation = deviation(planned, planned.kind().ending(), result);
    if (!deviation.isEmpty() && !isDoneAgainOnceRestored(planned, result)) {
      isWrong(number, deviation + ": " + result);
    }
    if (answered.get(number)) {
      seen.add(Defect.DUPLICATE, describe(number));
      return;
    }
    boolean before = hasEnded(number);
    answered.set(number);
    switch (result.status()) {
      case SUCCEEDED -> succeeded++;
      case EXPIRED -> expired++;
      case FAILED -> failed.set(number);
    }
    if (!planned.key().isEmpty()) {
      int highest = latest.getOrDefault(planned.key(), -1);
      if (number < highest) {
        seen.add(
            Defect.OUT_OF_ORDER,
            "%s was answered after request %d of its key".formatted(describe(number), highest));
      }
      latest.put(planned.key(), Math.max(number, highest));
    }
    ended(number, before);
  }

  @GuardedBy("this")
  private void resultOfReplay(Planned planned, Result result) {
    Replay replay = new Replay(planned.number(), result.replayedFrom());
    String deviation = deviation(planned, planned.kind().endingAfterReplay(), result);
    if (!deviation.isEmpty()) {
      isWrong(planned.number(), "sent again, " + deviation + ": " + result);
    }
    Duration stalled = stalled();
    if (replays.answered(replay, result.status() == Status.FAILED)) {
      progressed(stalled);
    } else {
      seen.add(Defect.DUPLICATE, describe(replay));
    }
  }

  /** What is done a second time after a crash meets the image that was absent the first time. */
  @GuardedBy("this")
  private boolean isDoneAgainOnceRestored(Planned planned, Result result) {
    return imagesRestored
        && answered.get(planned.number())
        && deviation(planned, planned.kind().endingAfterReplay(), result).isEmpty();
  }

  private static String deviation(Planned planned, RequestKind.Ending ending, Result result) {
    if (!ending.is(result.status()) || !ending.code().equals(result.code())) {
      return "should have ended as " + ending;
    }
    if (ending.answer() == RequestKind.Ending.Answer.SUCCEEDED
        && !planned.color().equals(result.label())) {
      return "the image is " + planned.color();
    }
    if (!planned.resultKey(result.requestId()).equals(result.key())) {
      return "the key should be " + planned.resultKey(result.requestId());
    }
    return result.header().equals(result.requestId()) ? "" : "the request's header is not there";
  }

  /**
   * A dead letter, as a reader sees it.
   *
   * @param header what {@link Traffic#HEADER} says; empty for nothing
   * @param replayedFrom the place of the dead letter that it was sent again from before; empty for
   *     none
   * @param code its error code; empty for none
   * @param intact whether key and value are those that were sent
   */
  record DeadLetter(String header, String replayedFrom, String code, boolean intact) {}

  /** A dead letter has been read. */
  synchronized void deadLetter(DeadLetter letter) {
    OptionalInt found = traffic.number(letter.header());
    if (found.isEmpty()) {
      seen.add(Defect.UNEXPECTED, "a dead letter of nobody: " + letter);
      return;
    }
    int number = found.getAsInt();
    boolean sentAgain = !letter.replayedFrom().isEmpty();
    RequestKind kind = traffic.planned(number).kind();
    RequestKind.Ending ending = sentAgain ? kind.endingAfterReplay() : kind.ending();
    if (!ending.isDeadLetter() || !ending.code().equals(letter.code()) || !letter.intact()) {
      isWrong(number, "should have ended as " + ending + ": " + letter);
    }
    if (sentAgain) {
      Replay replay = new Replay(number, letter.replayedFrom());
      if (!replays.buried(replay)) {
        seen.add(Defect.DUPLICATE_DEAD_LETTER, describe(replay));
      }
      return;
    }
    if (buried.get(number)) {
      seen.add(Defect.DUPLICATE_DEAD_LETTER, describe(number));
      return;
    }
    boolean before = hasEnded(number);
    buried.set(number);
    ended(number, before);
  }

  /**
   * A request that was sent again has been read where the workers take it from.
   *
   * @param header what {@link Traffic#HEADER} says; empty for nothing
   * @param from the place of the dead letter that it was sent from
   */
  synchronized void replayed(String header, String from) {
    OptionalInt found = traffic.number(header);
    if (found.isEmpty()) {
      seen.add(Defect.UNEXPECTED, "nobody's request was sent again from " + from + ": " + header);
      return;
    }
    Replay replay = new Replay(found.getAsInt(), from);
    somethingIsOutstanding();
    if (!replays.sent(replay)) {
      seen.add(Defect.REPLAYED_TWICE, describe(replay));
    }
  }

  /** Whether all requests have ended whose images are to be put in place. */
  synchronized boolean isReadyForReplay() {
    return acknowledged.cardinality() >= traffic.restorable()
        && lacking(restored, answered).isEmpty()
        && lacking(restored, buried).isEmpty();
  }

  /** From now on the absent images of {@link RequestKind#RESTORED} may be there. */
  synchronized void imagesRestored() {
    imagesRestored = true;
  }

  /** All of those requests have been sent again. */
  synchronized void replayFinished() {
    replayFinished = true;
  }

  /** How many acknowledged requests have not ended, without company; twice when sent again. */
  synchronized int outstanding() {
    return outstanding + replays.outstanding();
  }

  /** How much acknowledged company has not ended. */
  synchronized int outstandingCompany() {
    return company;
  }

  /** How long nothing has ended; zero when nothing is outstanding. */
  synchronized Duration stalled() {
    return outstanding() == 0 ? Duration.ZERO : Duration.ofNanos(nanos.getAsLong() - lastProgress);
  }

  /** The sums of now. */
  synchronized Totals totals() {
    Tally all = seen.copy();
    for (int number : acknowledged.stream().toArray()) {
      if (!hasEnded(number)) {
        all.add(Defect.MISSING, describe(number));
      }
    }
    for (int number : failed.stream().toArray()) {
      if (!buried.get(number)) {
        all.add(Defect.UNDELIVERED, describe(number));
      }
    }
    for (Replay replay : replays.missing()) {
      all.add(Defect.MISSING, describe(replay));
    }
    for (Replay replay : replays.failedWithoutDeadLetter()) {
      all.add(Defect.UNDELIVERED, describe(replay));
    }
    for (Replay replay : replays.unexpected()) {
      all.add(Defect.UNEXPECTED, describe(replay) + ": nobody sent it");
    }
    if (replayFinished) {
      BitSet left = lacking(restored, replays.numbers());
      left.and(acknowledged);
      for (int number : left.stream().toArray()) {
        all.add(Defect.MISSING, describe(number) + " was not sent again");
      }
    }
    return new Totals(
        acknowledged.cardinality(),
        notAcknowledged.cardinality(),
        succeeded,
        failed.cardinality(),
        expired,
        buried.cardinality(),
        replays.sent(),
        replays.answered(),
        Duration.ofNanos(Math.max(longestStall, stalled().toNanos())),
        all.counts,
        all.examples);
  }

  private static BitSet lacking(BitSet wanted, BitSet there) {
    BitSet lacking = (BitSet) wanted.clone();
    lacking.andNot(there);
    return lacking;
  }

  @GuardedBy("this")
  private void isWrong(int number, String how) {
    if (!wrong.get(number)) {
      wrong.set(number);
      seen.add(Defect.WRONG, describe(number) + ": " + how);
    }
  }

  @GuardedBy("this")
  private boolean hasEnded(int number) {
    boolean hasResult = traffic.planned(number).kind().ending().hasResult();
    return hasResult ? answered.get(number) : buried.get(number);
  }

  @GuardedBy("this")
  private void ended(int number, boolean before) {
    if (before || !hasEnded(number)) {
      return;
    }
    if (traffic.isCompany(number)) {
      company -= acknowledged.get(number) ? 1 : 0;
      return;
    }
    progressed(stalled());
    if (acknowledged.get(number)) {
      outstanding--;
    }
  }

  /** Before what is outstanding becomes more. */
  @GuardedBy("this")
  private void somethingIsOutstanding() {
    if (outstanding() == 0) {
      lastProgress = nanos.getAsLong(); // Nothing could have come before.
    }
  }

  /** Something has ended, after nothing had for so long. */
  @GuardedBy("this")
  private void progressed(Duration stalled) {
    longestStall = Math.max(longestStall, stalled.toNanos());
    lastProgress = nanos.getAsLong();
  }

  @GuardedBy("this")
  private String describe(Replay replay) {
    return describe(replay.number()) + " sent again from " + replay.from();
  }

  @GuardedBy("this")
  private String describe(int number) {
    Planned planned = traffic.planned(number);
    String place =
        acknowledged.get(number)
            ? "partition %d offset %d".formatted(partitions[number], offsets[number])
            : "not acknowledged";
    return "%s (%s, %s, %s)"
        .formatted(
            traffic.requestId(number),
            planned.kind(),
            planned.key().isEmpty() ? "no key" : planned.key(),
            place);
  }

  /** Counts, and the first ones of each. Guarded by whoever has it. */
  private static final class Tally {
    final Map<Defect, Long> counts = new EnumMap<>(Defect.class);
    final Map<Defect, List<String>> examples = new EnumMap<>(Defect.class);

    void add(Defect defect, String example) {
      counts.merge(defect, 1L, Long::sum);
      List<String> some = examples.computeIfAbsent(defect, _ -> new ArrayList<>());
      if (some.size() < EXAMPLES) {
        some.add(example);
      }
    }

    Tally copy() {
      Tally copy = new Tally();
      copy.counts.putAll(counts);
      examples.forEach((defect, some) -> copy.examples.put(defect, new ArrayList<>(some)));
      return copy;
    }
  }
}

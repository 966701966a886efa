package dev.sluice.worker.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.worker.model.Position;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class LedgerTest {
  private static final PartitionId P0 = new PartitionId("requests", 0);
  private static final PartitionId P1 = new PartitionId("requests", 1);
  private static final Bounds WIDE = new Bounds(1000, 1 << 20, 1000);

  @Test
  void commitsOnlyTheFinishedPrefixInEveryOrderOfCompletion() {
    long[] offsets = {3, 4, 9, 10, 11, 40, 41}; // with gaps, as compaction and markers leave them
    int orders = 0;
    for (List<Long> order : permutations(Arrays.stream(offsets).boxed().toList())) {
      Ledger ledger = new Ledger(WIDE);
      ledger.begin(P0, 1);
      for (long offset : offsets) {
        ledger.admit(P0, offset, 1, 0);
      }
      Set<Long> open = new TreeSet<>(order);
      for (long offset : order) {
        assertThat(ledger.finish(new Position("requests", 0, offset, 1))).isTrue();
        open.remove(offset);
        long expected = open.isEmpty() ? 42 : ((TreeSet<Long>) open).first();
        assertThat(ledger.states().getFirst().committable())
            .as("order %s after %s", order, offset)
            .hasValue(expected);
        assertThat(ledger.committable())
            .isEqualTo(expected == 3 ? List.of() : List.of(new Committable(P0, 1, expected)));
      }
      orders++;
    }
    assertThat(orders).isEqualTo(5040);
  }

  @Test
  void workOfAnOldEpochChangesNothing() {
    Ledger ledger = new Ledger(WIDE);
    ledger.begin(P0, 1);
    Position old = ledger.admit(P0, 7, 100, 0);
    ledger.end(P0);
    assertThat(ledger.unfinished()).isZero();
    assertThat(ledger.bytes()).isZero();
    ledger.begin(P0, 2);
    Position present = ledger.admit(P0, 7, 100, 0);

    assertThat(ledger.finish(old)).isFalse();
    ledger.committed(new Committable(P0, 1, 8));

    assertThat(ledger.unfinished()).isEqualTo(1);
    assertThat(ledger.committable()).isEmpty();
    assertThat(ledger.finish(present)).isTrue();
    assertThat(ledger.committable()).containsExactly(new Committable(P0, 2, 8));
  }

  @Test
  void aRecordFinishesOnce() {
    Ledger ledger = new Ledger(WIDE);
    ledger.begin(P0, 1);
    Position first = ledger.admit(P0, 0, 10, 0);
    ledger.admit(P0, 1, 10, 0);
    assertThat(ledger.finish(first)).isTrue();
    assertThat(ledger.finish(first)).isFalse();
    assertThat(ledger.finish(new Position("requests", 0, 99, 1))).isFalse();
    assertThat(ledger.unfinished()).isEqualTo(1);
    assertThat(ledger.bytes()).isEqualTo(10);
  }

  @Test
  void offsetsComeInOrderAndOnlyForHeldPartitions() {
    Ledger ledger = new Ledger(WIDE);
    ledger.begin(P0, 1);
    ledger.admit(P0, 5, 1, 0);
    assertThatThrownBy(() -> ledger.admit(P0, 5, 1, 0)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> ledger.admit(P1, 5, 1, 0))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("requests-1");
  }

  @Test
  void movesPastAGapAtTheEndOnceAllBeforeItIsFinished() {
    Ledger ledger = new Ledger(WIDE);
    ledger.begin(P0, 1);
    Position only = ledger.admit(P0, 5, 1, 0);
    ledger.reached(P0, 12);
    assertThat(ledger.committable()).isEmpty();
    ledger.finish(only);
    assertThat(ledger.committable()).containsExactly(new Committable(P0, 1, 12));
    ledger.committed(new Committable(P0, 1, 12));
    assertThat(ledger.committable()).isEmpty();
  }

  @Test
  void onePartitionThatRanAheadDoesNotHoldTheOthersUp() {
    Ledger ledger = new Ledger(new Bounds(10, 1000, 2));
    ledger.begin(P0, 1);
    ledger.begin(P1, 1);
    ledger.admit(P0, 0, 1, 0);
    Position second = ledger.admit(P0, 1_000_000, 1, 0);
    ledger.finish(second);
    assertThat(ledger.room(P0, 1)).isEqualTo(Room.PARTITION_FULL);
    assertThat(ledger.room(P1, 1)).isEqualTo(Room.FREE);
    ledger.finish(new Position("requests", 0, 0, 1));
    assertThat(ledger.room(P0, 1))
        .as("a crash would still make both be done again")
        .isEqualTo(Room.PARTITION_FULL);
    assertThat(ledger.isPressed()).isTrue();
    ledger.committable().forEach(ledger::committed);
    assertThat(ledger.room(P0, 1)).isEqualTo(Room.FREE);
    assertThat(ledger.isPressed()).isFalse();
  }

  @Test
  void whatWaitsForSomethingThatIsDownTakesNoPlaceFromTheOthers() {
    Ledger ledger = new Ledger(new Bounds(2, 1000, 10));
    ledger.begin(P0, 1);
    Position first = ledger.admit(P0, 0, 1, 0);
    Position second = ledger.admit(P0, 1, 1, 0);
    assertThat(ledger.room(P0, 1)).isEqualTo(Room.FULL);
    ledger.park(first);
    ledger.park(first);
    assertThat(ledger.parked()).isEqualTo(1);
    assertThat(ledger.room(P0, 1)).isEqualTo(Room.FREE);
    ledger.admit(P0, 2, 1, 0);
    assertThat(ledger.isFull()).isTrue();
    ledger.resume(first);
    assertThat(ledger.isFull()).as("three are at work, one more than may be let in").isTrue();
    ledger.finish(second);
    ledger.finish(first);
    assertThat(ledger.isFull()).isFalse();
    assertThat(ledger.parked()).isZero();
  }

  @Test
  void aParkedRecordThatIsFinishedOrForgottenIsNoLongerParked() {
    Ledger ledger = new Ledger(new Bounds(10, 1000, 10));
    ledger.begin(P0, 1);
    Position finished = ledger.admit(P0, 0, 1, 0);
    Position forgotten = ledger.admit(P0, 1, 1, 0);
    ledger.park(finished);
    ledger.park(forgotten);
    ledger.finish(finished);
    assertThat(ledger.parked()).isEqualTo(1);
    ledger.begin(P0, 2);
    assertThat(ledger.parked()).isZero();
    ledger.resume(forgotten);
    assertThat(ledger.parked()).as("it is of an old epoch").isZero();
  }

  @Test
  void namesWhatHoldsAPartitionUpForTooLong() {
    Ledger ledger = new Ledger(new Bounds(10, 1000, 10));
    ledger.begin(P0, 1);
    ledger.begin(P1, 1);
    Position first = ledger.admit(P0, 0, 1, 100);
    Position second = ledger.admit(P0, 1, 1, 150);
    Position third = ledger.admit(P0, 2, 1, 200);
    ledger.admit(P1, 0, 1, 200);
    ledger.finish(second);
    assertThat(ledger.overdue(100)).isEmpty();
    assertThat(ledger.overdue(101)).containsExactly(first);
    assertThat(ledger.overdue(200)).containsExactly(first);
    ledger.finish(first);
    assertThat(ledger.overdue(200)).isEmpty();
    assertThat(ledger.overdue(201)).contains(third).hasSize(2);
  }

  @Test
  void oneRecordLargerThanTheBoundIsLetInAlone() {
    Ledger ledger = new Ledger(new Bounds(10, 100, 10));
    ledger.begin(P0, 1);
    assertThat(ledger.room(P0, 5000)).isEqualTo(Room.FREE);
    Position large = ledger.admit(P0, 0, 5000, 0);
    assertThat(ledger.room(P0, 0)).isEqualTo(Room.FULL);
    ledger.finish(large);
    ledger.admit(P0, 1, 60, 0);
    assertThat(ledger.room(P0, 41)).isEqualTo(Room.FULL);
    assertThat(ledger.isFull()).isFalse();
    assertThat(ledger.room(P0, 40)).isEqualTo(Room.FREE);
  }

  @Test
  void agreesWithANaiveModelOnRandomHistories() {
    long seed = System.nanoTime();
    for (int round = 0; round < 300; round++) {
      Random random = new Random(seed + round);
      String history = "seed " + (seed + round);
      Bounds bounds =
          new Bounds(1 + random.nextInt(20), 1 + random.nextInt(200), 1 + random.nextInt(8));
      Ledger ledger = new Ledger(bounds);
      Epochs epochs = new Epochs();
      Map<PartitionId, NaivePartition> model = new HashMap<>();
      List<Position> everAdmitted = new ArrayList<>();
      for (int step = 0; step < 200; step++) {
        PartitionId partition = random.nextBoolean() ? P0 : P1;
        NaivePartition naive = model.get(partition);
        switch (random.nextInt(14)) {
          case 0 -> {
            if (random.nextInt(4) == 0) {
              int epoch = epochs.begin(partition);
              ledger.begin(partition, epoch);
              model.put(partition, new NaivePartition(epoch, random.nextInt(50)));
            }
          }
          case 1 -> {
            if (random.nextInt(4) == 0) {
              epochs.end(partition);
              ledger.end(partition);
              model.remove(partition);
            }
          }
          case 2, 3, 4, 5 -> {
            if (naive != null) {
              long bytes = random.nextInt(60);
              Room expected = naiveRoom(bounds, model, naive, bytes);
              assertThat(ledger.room(partition, bytes)).as(history).isEqualTo(expected);
              if (expected == Room.FREE) {
                long offset = naive.next + (random.nextInt(5) == 0 ? random.nextInt(9) : 0);
                everAdmitted.add(ledger.admit(partition, offset, bytes, step));
                naive.admit(offset, bytes, step);
              }
            }
          }
          case 6, 7, 8 -> {
            if (!everAdmitted.isEmpty()) {
              Position position = everAdmitted.get(random.nextInt(everAdmitted.size()));
              NaivePartition owner = model.get(PartitionId.of(position));
              boolean current = owner != null && owner.epoch == position.epoch();
              assertThat(epochs.isCurrent(position)).as(history).isEqualTo(current);
              boolean finishes = false;
              if (owner != null && current) {
                finishes = owner.open.remove(position.offset()) != null;
                owner.parked.remove(position.offset());
              }
              assertThat(ledger.finish(position)).as(history).isEqualTo(finishes);
            }
          }
          case 9, 10 -> {
            if (!everAdmitted.isEmpty()) {
              Position position = everAdmitted.get(random.nextInt(everAdmitted.size()));
              NaivePartition owner = model.get(PartitionId.of(position));
              boolean parks = random.nextBoolean();
              if (parks) {
                ledger.park(position);
              } else {
                ledger.resume(position);
              }
              if (owner != null
                  && owner.epoch == position.epoch()
                  && owner.open.containsKey(position.offset())) {
                if (parks) {
                  owner.parked.add(position.offset());
                } else {
                  owner.parked.remove(position.offset());
                }
              }
            }
          }
          case 11 -> {
            if (naive != null) {
              long offset = naive.next + random.nextInt(3);
              ledger.reached(partition, offset);
              naive.reached(offset);
            }
          }
          default -> {
            for (Committable commit : ledger.committable()) {
              ledger.committed(commit);
            }
            assertThat(ledger.committable()).as(history).isEmpty();
            model.values().forEach(each -> each.committed = each.committable());
          }
        }
        assertAgrees(history, ledger, model);
        assertThat(ledger.isPressed())
            .as(history)
            .isEqualTo(model.values().stream().anyMatch(each -> each.isPressed(bounds.runAhead())));
        assertThat(ledger.overdue(step - 20))
            .as(history)
            .hasSameElementsAs(overdue(model, step - 20));
      }
    }
  }

  private static List<Position> overdue(Map<PartitionId, NaivePartition> model, long before) {
    List<Position> overdue = new ArrayList<>();
    model.forEach((partition, naive) ->
        naive.open.keySet().stream()
            .filter(offset -> naive.admittedAt.getOrDefault(offset, 0L) < before)
            .forEach(offset ->
                overdue.add(
                    new Position(partition.topic(), partition.partition(), offset, naive.epoch))));
    return overdue;
  }

  private static void assertAgrees(
      String history, Ledger ledger, Map<PartitionId, NaivePartition> model) {
    assertThat(ledger.unfinished())
        .as(history)
        .isEqualTo(model.values().stream().mapToInt(each -> each.open.size()).sum());
    assertThat(ledger.bytes()).as(history).isEqualTo(openBytes(model));
    assertThat(ledger.parked())
        .as(history)
        .isEqualTo(model.values().stream().mapToInt(each -> each.parked.size()).sum());
    Set<Committable> expected = new HashSet<>();
    model.forEach((partition, naive) -> {
      if (!naive.committable().equals(naive.committed)) {
        expected.add(new Committable(partition, naive.epoch, naive.committable().getAsLong()));
      }
    });
    assertThat(new HashSet<>(ledger.committable())).as(history).isEqualTo(expected);
  }

  private static Room naiveRoom(
      Bounds bounds, Map<PartitionId, NaivePartition> model, NaivePartition naive, long bytes) {
    int open = model.values().stream().mapToInt(each -> each.open.size()).sum();
    long openBytes = openBytes(model);
    int parked = model.values().stream().mapToInt(each -> each.parked.size()).sum();
    if (open - parked >= bounds.records()
        || openBytes >= bounds.bytes()
        || (open > 0 && openBytes + bytes > bounds.bytes())) {
      return Room.FULL;
    }
    return naive.ahead() >= bounds.runAhead() ? Room.PARTITION_FULL : Room.FREE;
  }

  private static long openBytes(Map<PartitionId, NaivePartition> model) {
    return model.values().stream()
        .flatMap(each -> each.open.values().stream())
        .mapToLong(Long::longValue)
        .sum();
  }

  /** Keeps everything and computes by looking at all of it. */
  private static final class NaivePartition {
    private final int epoch;
    private final List<Long> admitted = new ArrayList<>();
    private final Map<Long, Long> admittedAt = new HashMap<>();
    private final Set<Long> parked = new HashSet<>();
    private final TreeMap<Long, Long> open = new TreeMap<>();
    private long next;
    private boolean begun;
    private OptionalLong committed = OptionalLong.empty();

    private NaivePartition(int epoch, long start) {
      this.epoch = epoch;
      next = start;
    }

    private void admit(long offset, long bytes, long now) {
      if (committed.isEmpty()) {
        committed = OptionalLong.of(offset);
      }
      admitted.add(offset);
      admittedAt.put(offset, now);
      open.put(offset, bytes);
      next = offset + 1;
      begun = true;
    }

    private void reached(long offset) {
      if (committed.isEmpty()) {
        committed = OptionalLong.of(offset);
      }
      next = offset;
      begun = true;
    }

    private OptionalLong committable() {
      if (!begun) {
        return OptionalLong.empty();
      }
      return OptionalLong.of(open.isEmpty() ? next : open.firstKey());
    }

    private long ahead() {
      long from = committed.orElse(0);
      return admitted.stream().filter(offset -> offset >= from).count();
    }

    private boolean isPressed(int runAhead) {
      return !committable().equals(committed) && 2 * ahead() > runAhead;
    }
  }

  private static List<List<Long>> permutations(List<Long> items) {
    if (items.isEmpty()) {
      return List.of(List.of());
    }
    List<List<Long>> all = new ArrayList<>();
    for (Long first : items) {
      List<Long> rest = new ArrayList<>(items);
      rest.remove(first);
      for (List<Long> tail : permutations(rest)) {
        List<Long> order = new ArrayList<>();
        order.add(first);
        order.addAll(tail);
        all.add(order);
      }
    }
    return all;
  }
}

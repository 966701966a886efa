package dev.sluice.tools.dlt;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.tools.CommandException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class ItineraryTest {
  private static final TopicPartition ZERO = new TopicPartition("dlt", 0);
  private static final TopicPartition ONE = new TopicPartition("dlt", 1);

  @Test
  void aPlanComesBackFromTheOffsetsMetadata() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int i = 0; i < 1000; i++) {
      ReplayPlan plan =
          new ReplayPlan(
              Long.toHexString(random.nextLong()),
              i % 2 == 0 ? TimeWindow.ALWAYS : new TimeWindow(random.nextLong(), random.nextLong()),
              random.nextLong() >>> 1);
      assertThat(ReplayPlan.decode(plan.encode())).as("seed %d", seed).contains(plan);
    }
    for (String other :
        List.of(
            "",
            "anything",
            "sluice-replay/1 selection=ab since=0 until=0 end=99999999999999999999",
            "sluice-replay/1 selection=ab since=0 until=9999999999999999999 end=1",
            "sluice-replay/2 selection=ab since=0 until=0 end=1")) {
      assertThat(ReplayPlan.decode(other)).as(other).isEmpty();
    }
  }

  @Test
  void anInterruptedRunEndsWhereItWouldHaveEndedAndWithItsOwnTimes() {
    TimeWindow begun = new TimeWindow(1000, Long.MAX_VALUE);
    Itinerary first = itinerary("ab", begun, stretch(0, 10, 0, 5), Map.of());
    assertThat(first.goesOn()).isFalse();
    assertThat(first.stretch()).isEqualTo(stretch(0, 10, 0, 5));

    Itinerary second =
        itinerary(
            "ab",
            new TimeWindow(9000, Long.MAX_VALUE),
            stretch(0, 70, 0, 80),
            Map.of(ZERO, first.at(ZERO, 4), ONE, first.at(ONE, 5)));

    assertThat(second.goesOn()).isTrue();
    assertThat(second.window()).isEqualTo(begun);
    assertThat(second.stretch()).isEqualTo(new Stretch(Map.of(ZERO, 4L), Map.of(ZERO, 10L)));
    assertThat(second.positions()).containsEntry(ONE, 5L);
  }

  @Test
  void aFinishedRunGoesOnWithWhatHasComeSince() {
    Itinerary first = itinerary("ab", TimeWindow.ALWAYS, stretch(0, 10, 0, 5), Map.of());
    Itinerary second =
        itinerary(
            "ab",
            TimeWindow.ALWAYS,
            stretch(2, 12, 0, 5),
            Map.of(ZERO, first.at(ZERO, 10), ONE, first.at(ONE, 5)));

    assertThat(second.goesOn()).isFalse();
    assertThat(second.stretch()).isEqualTo(stretch(10, 12, 5, 5));
  }

  @Test
  void anotherChoiceUnderTheSameNameIsRefusedAndSoIsWhatNoReplayWrote() {
    Itinerary first = itinerary("ab", TimeWindow.ALWAYS, stretch(0, 10, 0, 5), Map.of());
    assertThatThrownBy(() ->
            itinerary(
                "cd", TimeWindow.ALWAYS, stretch(0, 10, 0, 5), Map.of(ZERO, first.at(ZERO, 4))))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining("begun with other filters");
    assertThatThrownBy(() ->
            itinerary(
                "ab",
                TimeWindow.ALWAYS,
                stretch(0, 10, 0, 5),
                Map.of(ZERO, new OffsetAndMetadata(4, "somebody else's"))))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining("was not written by a replay");
  }

  /**
   * Runs are interrupted anywhere while the topic grows at its end and is deleted at its beginning:
   * no offset is read twice, and none that is still there is left out.
   */
  @Test
  void howeverOftenItIsInterruptedEveryOffsetIsReadOnce() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int round = 0; round < 500; round++) {
      Map<TopicPartition, OffsetAndMetadata> committed = new HashMap<>();
      Map<TopicPartition, TreeSet<Long>> read = Map.of(ZERO, new TreeSet<>(), ONE, new TreeSet<>());
      long[] begin = {random.nextInt(5), random.nextInt(5)};
      long[] end = {begin[0] + random.nextInt(20), begin[1] + random.nextInt(20)};
      long[] deleted = begin.clone();
      for (int run = 0; run < 12; run++) {
        boolean last = run >= 10;
        Itinerary itinerary =
            itinerary(
                "ab", TimeWindow.ALWAYS, stretch(begin[0], end[0], begin[1], end[1]), committed);
        List<TopicPartition> partitions = new ArrayList<>(itinerary.stretch().begin().keySet());
        Map<TopicPartition, Long> positions = new HashMap<>(itinerary.positions());
        for (TopicPartition partition : partitions) {
          long from = itinerary.stretch().begin(partition);
          long to = itinerary.stretch().end(partition);
          long stop = last ? to : from + random.nextLong(to - from + 1);
          for (long offset = from; offset < stop; offset++) {
            assertThat(requireNonNull(read.get(partition)).add(offset))
                .as("seed %d: %s %d is read once", seed, partition, offset)
                .isTrue();
          }
          positions.merge(partition, stop, Math::max);
        }
        committed.clear();
        positions.forEach(
            (partition, offset) -> committed.put(partition, itinerary.at(partition, offset)));
        if (!last) {
          for (int p = 0; p < 2; p++) {
            end[p] += random.nextInt(10);
            if (random.nextInt(4) == 0) {
              begin[p] = Math.min(end[p], begin[p] + random.nextInt(4));
            }
          }
        }
      }
      for (TopicPartition partition : List.of(ZERO, ONE)) {
        int p = partition.partition();
        for (long offset = begin[p]; offset < end[p]; offset++) {
          assertThat(read.get(partition))
              .as("seed %d: %s from %d", seed, partition, deleted[p])
              .contains(offset);
        }
      }
    }
  }

  private static Itinerary itinerary(
      String selection,
      TimeWindow window,
      Stretch topic,
      Map<TopicPartition, OffsetAndMetadata> committed) {
    return Itinerary.of("name", selection, window, _ -> topic, committed);
  }

  private static Stretch stretch(long begin0, long end0, long begin1, long end1) {
    return new Stretch(Map.of(ZERO, begin0, ONE, begin1), Map.of(ZERO, end0, ONE, end1));
  }
}

package dev.sluice.tools.dlt;

import dev.sluice.tools.CommandException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Where a run of a replay begins, and where it ends. Pure and immutable.
 *
 * <p>A replay that was interrupted goes on where it was and ends where it would have ended. One
 * that is finished goes on with what has come since. So the same command sends no dead letter
 * twice, however often it is given.
 *
 * @param goesOn whether this finishes a run that was interrupted
 * @param window the stretch of time that is meant
 * @param stretch what is to be read
 * @param plans what to keep beside the offset of each partition, those that are done already too
 * @param positions the offset of each of those partitions at the beginning
 */
record Itinerary(
    boolean goesOn,
    TimeWindow window,
    Stretch stretch,
    Map<TopicPartition, ReplayPlan> plans,
    Map<TopicPartition, Long> positions) {

  Itinerary {
    plans = Map.copyOf(plans);
    positions = Map.copyOf(positions);
  }

  /**
   * Works it out.
   *
   * @param selection tells this choice of dead letters from others
   * @param window the stretch of time as it is worked out now
   * @param topic asks what the topic holds now, as far as it may be in a stretch of time
   * @param committed what earlier runs have left behind, of partitions that exist
   * @throws CommandException if an earlier run chose otherwise, or no replay wrote that
   */
  static Itinerary of(
      String name,
      String selection,
      TimeWindow window,
      Function<TimeWindow, Stretch> topic,
      Map<TopicPartition, OffsetAndMetadata> committed) {
    Map<TopicPartition, ReplayPlan> plans = new HashMap<>();
    Map<TopicPartition, Long> positions = new HashMap<>();
    committed.forEach((partition, offset) -> {
      plans.put(partition, planIn(name, selection, offset));
      positions.put(partition, offset.offset());
    });
    if (!plans.isEmpty()) {
      // A run keeps its plan for all partitions at once, so that they agree on the time.
      TimeWindow begun = plans.values().iterator().next().window();
      Itinerary rest = finishing(begun, topic.apply(begun), plans, positions);
      if (rest.stretch().offsets() > 0) {
        return rest;
      }
    }
    return beginning(selection, window, topic.apply(window), plans, positions);
  }

  private static ReplayPlan planIn(String name, String selection, OffsetAndMetadata offset) {
    ReplayPlan plan =
        ReplayPlan.decode(offset.metadata())
            .orElseThrow(() ->
                CommandException.usage(
                    "what is kept under the name %s was not written by a replay. Choose another --name."
                        .formatted(name)));
    if (!plan.selection().equals(selection)) {
      throw CommandException.usage(
          "the replay %s was begun with other filters or another --to. Give the same ones, choose another --name, or forget its progress with --restart."
              .formatted(name));
    }
    return plan;
  }

  private static Itinerary finishing(
      TimeWindow window,
      Stretch topic,
      Map<TopicPartition, ReplayPlan> plans,
      Map<TopicPartition, Long> positions) {
    Map<TopicPartition, Long> begin = new HashMap<>();
    Map<TopicPartition, Long> end = new HashMap<>();
    plans.forEach((partition, plan) -> {
      long position = positions.getOrDefault(partition, 0L);
      long last = Math.min(plan.end(), topic.end(partition));
      if (position < last) {
        begin.put(partition, Math.min(last, Math.max(position, topic.begin(partition))));
        end.put(partition, last);
      }
    });
    return new Itinerary(true, window, new Stretch(begin, end), plans, positions);
  }

  private static Itinerary beginning(
      String selection,
      TimeWindow window,
      Stretch topic,
      Map<TopicPartition, ReplayPlan> earlier,
      Map<TopicPartition, Long> reached) {
    Map<TopicPartition, ReplayPlan> plans = new HashMap<>(earlier);
    Map<TopicPartition, Long> positions = new HashMap<>(reached);
    Map<TopicPartition, Long> begin = new HashMap<>();
    topic
        .end()
        .forEach((partition, end) -> {
          long from = Math.max(reached.getOrDefault(partition, 0L), topic.begin(partition));
          begin.put(partition, Math.min(from, end));
          positions.put(partition, Math.max(from, reached.getOrDefault(partition, 0L)));
          plans.put(partition, new ReplayPlan(selection, window, end));
        });
    return new Itinerary(false, window, new Stretch(begin, topic.end()), plans, positions);
  }

  /** What to commit for a partition that is read up to {@code position}. */
  OffsetAndMetadata at(TopicPartition partition, long position) {
    ReplayPlan plan = plans.get(partition);
    if (plan == null) {
      throw new IllegalArgumentException(partition + " is not part of this replay");
    }
    return new OffsetAndMetadata(position, plan.encode());
  }
}

package dev.sluice.worker.kafka;

import dev.sluice.worker.ledger.PartitionId;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Records that were polled and not yet taken on, in order within each partition; each partition in
 * turn gives one, so that none starves. Owned by the poll thread. Bounded by what one poll returns
 * for each partition, since a partition that is in here is paused.
 */
final class Backlog {
  private final SequencedMap<PartitionId, Queue> queues = new LinkedHashMap<>();
  private int size;

  /**
   * Adds what a poll returned for a partition.
   *
   * @param next the offset that the next poll will begin at
   */
  void add(PartitionId partition, List<ConsumerRecord<byte[], byte[]>> records, long next) {
    Queue queue = queues.computeIfAbsent(partition, _ -> new Queue());
    queue.records.addAll(records);
    queue.next = next;
    size += records.size();
  }

  /**
   * Takes records for as long as the taker accepts any of some partition. The turn goes on from
   * call to call, or the first partitions would get every place that becomes free. A record for
   * which there is no room anywhere is the first to be offered next time: small ones do not slip
   * past a large one for ever, and a full worker does not look at thousands of partitions in vain.
   */
  void offerTo(Taker taker) {
    int refused = 0;
    while (refused < queues.size()) {
      Map.Entry<PartitionId, Queue> entry = queues.firstEntry();
      PartitionId partition = entry.getKey();
      Queue queue = entry.getValue();
      ConsumerRecord<byte[], byte[]> first = queue.records.peekFirst();
      Answer answer = first == null ? Answer.NOT_NOW : taker.take(partition, first);
      switch (answer) {
        case TAKEN -> {
          queue.records.removeFirst();
          size--;
          refused = 0;
        }
        case NOT_NOW -> refused++;
        case FULL -> {
          return;
        }
      }
      // Only now: had the taker failed, nothing would be lost.
      queues.remove(partition);
      if (queue.records.isEmpty()) {
        taker.reached(partition, queue.next);
        refused = 0;
      } else {
        queues.putLast(partition, queue);
      }
    }
  }

  void drop(Collection<PartitionId> partitions) {
    for (PartitionId partition : partitions) {
      Queue queue = queues.remove(partition);
      size -= queue == null ? 0 : queue.records.size();
    }
  }

  Set<PartitionId> partitions() {
    return queues.keySet();
  }

  /** The offset of the partition's first record that waits; empty when none does. */
  OptionalLong firstOffset(PartitionId partition) {
    Queue queue = queues.get(partition);
    ConsumerRecord<byte[], byte[]> first = queue == null ? null : queue.records.peekFirst();
    return first == null ? OptionalLong.empty() : OptionalLong.of(first.offset());
  }

  int size() {
    return size;
  }

  boolean isEmpty() {
    return queues.isEmpty();
  }

  /** Who takes records on. */
  interface Taker {
    /** Takes the record on, or says why not. */
    Answer take(PartitionId partition, ConsumerRecord<byte[], byte[]> record);

    /** Every record of the partition before this offset has been taken on. */
    void reached(PartitionId partition, long offset);
  }

  /** What became of a record that was offered. */
  enum Answer {
    TAKEN,
    /** Its partition has to wait; others may go on. */
    NOT_NOW,
    /** There is no room for it, whatever its partition. */
    FULL
  }

  private static final class Queue {
    private final Deque<ConsumerRecord<byte[], byte[]>> records = new ArrayDeque<>();
    private long next;
  }
}

package dev.sluice.worker.kafka;

import static java.util.Objects.requireNonNull;

import dev.sluice.worker.ledger.PartitionId;
import dev.sluice.worker.model.Position;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * Who is behind whom: the records in flight of each key of each partition, in the order of their
 * offsets. They are worked on at the same time and published one after the other. Owned by the poll
 * thread.
 *
 * <p>What is stored in the order of offsets anyway needs no turns: with transactions, each would
 * have to wait until the one before it is committed, one record of a key in a transaction.
 *
 * <p>Rejected: working on one record of a key at a time (a key with much traffic would be as slow
 * as one request at a time, and would never share a batch with itself).
 */
final class KeyOrder {
  private final Ordering ordering;
  private final boolean storedInOrder;
  private final Map<Key, Line> lines = new HashMap<>();
  private final Map<Position, Key> keys = new HashMap<>();

  /**
   * @param storedInOrder what records of a partition led to is stored in the order of their
   *     offsets, whatever the order in which they finish
   */
  KeyOrder(Ordering ordering, boolean storedInOrder) {
    this.ordering = requireNonNull(ordering, "ordering is null");
    this.storedInOrder = storedInOrder;
  }

  /** Whether one more record of this key may be taken on. */
  boolean hasRoom(PartitionId partition, byte[] key) {
    return switch (ordering) {
      case Ordering.None() -> true;
      case Ordering.ByKey(int most) -> {
        Line line = lines.get(new Key(partition, ByteBuffer.wrap(key)));
        yield line == null || line.length < most;
      }
    };
  }

  /** Puts a record behind those of its key. */
  Turn join(Position position, byte[] key) {
    if (ordering instanceof Ordering.None) {
      return Turn.first();
    }
    Key own = new Key(PartitionId.of(position), ByteBuffer.wrap(key));
    Line line = lines.get(own);
    if (line == null) {
      line = new Line(Turn.first());
      lines.put(own, line);
    } else {
      line.last = storedInOrder ? Turn.first() : line.last.next();
      line.length++;
    }
    keys.put(position, own);
    return line.last;
  }

  /** A record has ended; nothing changes when it never joined or its partition has left. */
  void leave(Position position) {
    Key key = keys.remove(position);
    Line line = key == null ? null : lines.get(key);
    if (line != null) {
      line.length--;
      if (line.length == 0) {
        lines.remove(key);
      }
    }
  }

  /** Forgets the records of partitions that are gone. */
  void forget(Collection<PartitionId> partitions) {
    lines.keySet().removeIf(key -> partitions.contains(key.partition()));
    keys.values().removeIf(key -> partitions.contains(key.partition()));
  }

  /** How many keys have records in flight. */
  int size() {
    return lines.size();
  }

  private record Key(PartitionId partition, ByteBuffer key) {}

  private static final class Line {
    private Turn last;
    private int length = 1;

    private Line(Turn last) {
      this.last = last;
    }
  }
}

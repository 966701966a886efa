package dev.sluice.worker.ledger;

import dev.sluice.worker.model.Position;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * One partition from the moment it was assigned until it is let go. Owned by the ledger's thread.
 */
final class Tenure {
  private final PartitionId partition;
  private final int epoch;

  /** Every record from the oldest unfinished one on, by offset, finished or not. */
  private final Deque<Entry> window = new ArrayDeque<>();

  private final Map<Long, Entry> unfinished = new HashMap<>();

  /** Offsets of finished records before the window that have not been committed, ascending. */
  private final Deque<Long> uncommitted = new ArrayDeque<>();

  private int parked;
  private OptionalLong next = OptionalLong.empty();
  private OptionalLong committed = OptionalLong.empty();
  private long unfinishedBytes;

  Tenure(PartitionId partition, int epoch) {
    this.partition = partition;
    this.epoch = epoch;
  }

  int epoch() {
    return epoch;
  }

  void admit(long offset, long bytes, long now) {
    if (next.isPresent() && offset < next.getAsLong()) {
      throw new IllegalStateException(
          "%s: offset %d comes after all before %d were taken on"
              .formatted(partition, offset, next.getAsLong()));
    }
    beginAt(offset);
    Entry entry = new Entry(offset, bytes, now);
    window.addLast(entry);
    unfinished.put(offset, entry);
    unfinishedBytes += bytes;
    next = OptionalLong.of(offset + 1);
  }

  void reached(long offset) {
    beginAt(offset);
    if (next.isEmpty() || offset > next.getAsLong()) {
      next = OptionalLong.of(offset);
    }
  }

  /** Returns the record's bytes; empty when no such record is unfinished. */
  OptionalLong finish(long offset) {
    Entry entry = unfinished.remove(offset);
    if (entry == null) {
      return OptionalLong.empty();
    }
    entry.finished = true;
    unfinishedBytes -= entry.bytes;
    for (Entry first = window.peekFirst();
        first != null && first.finished;
        first = window.peekFirst()) {
      uncommitted.addLast(window.removeFirst().offset);
    }
    resume(entry);
    return OptionalLong.of(entry.bytes);
  }

  boolean park(long offset) {
    Entry entry = unfinished.get(offset);
    if (entry == null || entry.parked) {
      return false;
    }
    entry.parked = true;
    parked++;
    return true;
  }

  boolean resume(long offset) {
    Entry entry = unfinished.get(offset);
    return entry != null && resume(entry);
  }

  private boolean resume(Entry entry) {
    boolean was = entry.parked;
    entry.parked = false;
    parked -= was ? 1 : 0;
    return was;
  }

  boolean isParked(long offset) {
    Entry entry = unfinished.get(offset);
    return entry != null && entry.parked;
  }

  int parked() {
    return parked;
  }

  void committed(long offset) {
    while (!uncommitted.isEmpty() && uncommitted.getFirst() < offset) {
      uncommitted.removeFirst();
    }
    if (committed.isEmpty() || offset > committed.getAsLong()) {
      committed = OptionalLong.of(offset);
    }
  }

  OptionalLong committable() {
    Entry first = window.peekFirst();
    return first == null ? next : OptionalLong.of(first.offset);
  }

  boolean isProgress(long offset) {
    return committed.isEmpty() || offset > committed.getAsLong();
  }

  boolean hasSomethingToCommit() {
    return !committable().equals(committed);
  }

  /** Records from the first that is not committed to the newest. */
  int window() {
    return uncommitted.size() + window.size();
  }

  /** The unfinished records that were taken on before then, oldest first. */
  List<Position> overdue(long admittedBefore) {
    List<Position> overdue = new ArrayList<>();
    for (Entry entry : window) {
      if (entry.admittedAt - admittedBefore >= 0) {
        break;
      }
      if (!entry.finished) {
        overdue.add(new Position(partition.topic(), partition.partition(), entry.offset, epoch));
      }
    }
    return overdue;
  }

  int unfinished() {
    return unfinished.size();
  }

  long unfinishedBytes() {
    return unfinishedBytes;
  }

  PartitionState state() {
    Entry first = window.peekFirst();
    return new PartitionState(
        partition,
        epoch,
        unfinished.size(),
        parked,
        window.size() - unfinished.size(),
        committable(),
        committed,
        first == null ? OptionalLong.empty() : OptionalLong.of(first.admittedAt));
  }

  private void beginAt(long offset) {
    if (committed.isEmpty()) {
      committed = OptionalLong.of(offset);
    }
  }

  private static final class Entry {
    private final long offset;
    private final long bytes;
    private final long admittedAt;
    private boolean finished;
    private boolean parked;

    private Entry(long offset, long bytes, long admittedAt) {
      this.offset = offset;
      this.bytes = bytes;
      this.admittedAt = admittedAt;
    }
  }
}

package dev.sluice.worker.ledger;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
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
      window.removeFirst();
    }
    return OptionalLong.of(entry.bytes);
  }

  void committed(long offset) {
    if (committed.isEmpty() || offset > committed.getAsLong()) {
      committed = OptionalLong.of(offset);
    }
  }

  OptionalLong committable() {
    Entry first = window.peekFirst();
    return first == null ? next : OptionalLong.of(first.offset);
  }

  boolean hasSomethingToCommit() {
    return !committable().equals(committed);
  }

  int window() {
    return window.size();
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

    private Entry(long offset, long bytes, long admittedAt) {
      this.offset = offset;
      this.bytes = bytes;
      this.admittedAt = admittedAt;
    }
  }
}

package dev.sluice.worker.ledger;

import static java.util.Objects.requireNonNull;

import dev.sluice.worker.model.Position;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Which records are in flight, which are finished, and up to where each partition may be committed.
 * Pure: no I/O, no clock, no Kafka. Not safe for threads: the thread that polls owns it.
 *
 * <p>Semantics:
 *
 * <ul>
 *   <li>Records of a partition are taken on in the order of their offsets and finish in any order.
 *       What may be committed is the first offset that is not finished. A finished record behind an
 *       unfinished one is held back; after a crash it is done again.
 *   <li>Offsets need not be consecutive: compaction, aborted transactions and their markers leave
 *       gaps. Nothing here adds one to an offset to find the next record; only records that were
 *       taken on count. {@link #reached} moves past a gap at the end.
 *   <li>A tenure is the time from a partition's assignment to its loss, numbered by an epoch that
 *       counts up for each partition. Finishing or committing in the name of an old epoch changes
 *       nothing, even when the partition has come back since.
 *   <li>A record finishes at most once; finishing it again, or one that was never taken on, changes
 *       nothing and is answered with false.
 *   <li>Bounds are kept by whoever admits: ask {@link #room} first. {@code runAhead} counts records
 *       and not offsets, so that a gap takes no room, and from the last commit on, so that it
 *       bounds what a crash makes the next owner do again even while commits fail.
 *   <li>A record that waits for something that is down for everybody is parked: it takes no place
 *       from those that can go on. What bounds parked records is the run-ahead of their partition
 *       and their bytes.
 *   <li>The oldest unfinished record of a partition holds back its commits; {@link #overdue} names
 *       those that do so for too long, so that somebody can move them out of the way.
 * </ul>
 *
 * <p>Rejected: committing the highest finished offset (loses what is unfinished below it); storing
 * the finished offsets above the prefix in the commit's metadata, as Parallel Consumer does (saves
 * some repeated work after a crash, but ties every next owner to the encoding, and its size bound
 * makes the saving go away just when much is held back; bounded run-ahead bounds the repetition
 * instead); a bit set over the offset range (a gap of a million offsets costs a million bits); a
 * lock around it (the poll thread alone decides, others send it messages).
 */
public final class Ledger {
  private final Bounds bounds;
  private final Map<PartitionId, Tenure> tenures = new LinkedHashMap<>();

  /**
   * Kept up to date with each change, since they are asked for many times a second, and thousands
   * of partitions may be held of which few have changed.
   */
  private final Set<PartitionId> withProgress = new LinkedHashSet<>();

  private final Set<PartitionId> pressed = new HashSet<>();
  private int unfinished;
  private int parked;
  private long unfinishedBytes;
  private long heldBytes;

  public Ledger(Bounds bounds) {
    this.bounds = requireNonNull(bounds, "bounds is null");
  }

  /** Begins a tenure; what was in flight in an earlier one is forgotten. */
  public void begin(PartitionId partition, int epoch) {
    end(partition);
    tenures.put(partition, new Tenure(partition, epoch));
  }

  /** Ends the partition's tenure, if there is one: what is in flight in it is forgotten. */
  public void end(PartitionId partition) {
    Tenure tenure = tenures.remove(partition);
    if (tenure != null) {
      withProgress.remove(partition);
      pressed.remove(partition);
      unfinished -= tenure.unfinished();
      parked -= tenure.parked();
      unfinishedBytes -= tenure.unfinishedBytes();
    }
  }

  /** Whether the partition's next record, of {@code bytes}, may be taken on. */
  public Room room(PartitionId partition, long bytes) {
    if (isFull() || (unfinished > 0 && bytes() + bytes > bounds.bytes())) {
      return Room.FULL;
    }
    return tenure(partition).window() < bounds.runAhead() ? Room.FREE : Room.PARTITION_FULL;
  }

  /** Whether no record of any size or partition may be taken on. */
  public boolean isFull() {
    return unfinished - parked >= bounds.records() || bytes() >= bounds.bytes();
  }

  /**
   * Takes a record on.
   *
   * @param offset higher than every offset of this tenure before
   * @param bytes what it holds in memory until it is finished
   * @param now in nanoseconds, of any origin
   * @return where it stands, with the present epoch
   */
  public Position admit(PartitionId partition, long offset, long bytes, long now) {
    if (bytes < 0) {
      throw new IllegalArgumentException("bytes is negative: " + bytes);
    }
    Tenure tenure = tenure(partition);
    tenure.admit(offset, bytes, now);
    noteProgress(partition, tenure);
    unfinished++;
    unfinishedBytes += bytes;
    return new Position(partition.topic(), partition.partition(), offset, tenure.epoch());
  }

  /** Says that every record of the partition before {@code offset} has been taken on. */
  public void reached(PartitionId partition, long offset) {
    Tenure tenure = tenure(partition);
    tenure.reached(offset);
    noteProgress(partition, tenure);
  }

  /**
   * Finishes a record: all that it led to is stored.
   *
   * @return false when it is not in flight in the partition's present tenure; nothing changes then
   */
  public boolean finish(Position position) {
    PartitionId partition = PartitionId.of(position);
    Tenure tenure = tenures.get(partition);
    if (tenure == null || tenure.epoch() != position.epoch()) {
      return false;
    }
    int parkedBefore = tenure.parked();
    OptionalLong bytes = tenure.finish(position.offset());
    parked += tenure.parked() - parkedBefore;
    if (bytes.isEmpty()) {
      return false;
    }
    noteProgress(partition, tenure);
    unfinished--;
    unfinishedBytes -= bytes.getAsLong();
    return true;
  }

  /**
   * Parks a record: it waits for what is down for everybody, and takes none of the places of those
   * that can go on. Its bytes and its place in the run-ahead count as before. Nothing changes when
   * it is not in flight in the present tenure.
   */
  public void park(Position position) {
    Tenure tenure = tenures.get(PartitionId.of(position));
    if (tenure != null && tenure.epoch() == position.epoch() && tenure.park(position.offset())) {
      parked++;
    }
  }

  /** Ends what {@link #park} began. */
  public void resume(Position position) {
    Tenure tenure = tenures.get(PartitionId.of(position));
    if (tenure != null && tenure.epoch() == position.epoch() && tenure.resume(position.offset())) {
      parked--;
    }
  }

  /**
   * The unfinished records that were taken on before then: they hold back the commits of their
   * partitions. All of them and not only the first of each partition, since what waits for one
   * reason often comes in thousands.
   *
   * @param admittedBefore in the nanoseconds that {@link #admit} was given
   */
  public List<Position> overdue(long admittedBefore) {
    return tenures.values().stream()
        .flatMap(tenure -> tenure.overdue(admittedBefore).stream())
        .toList();
  }

  /** Whether a partition has run ahead half as far as it may: commit soon. */
  public boolean isPressed() {
    return !pressed.isEmpty();
  }

  /** What may be committed and has not been, one for each partition with progress. */
  public List<Committable> committable() {
    return committable(withProgress);
  }

  /**
   * What may be committed and has not been, of these partitions; one that is not held is left out.
   */
  public List<Committable> committable(Collection<PartitionId> partitions) {
    return partitions.stream()
        .filter(tenures::containsKey)
        .filter(partition -> tenure(partition).hasSomethingToCommit())
        .map(partition ->
            new Committable(
                partition,
                tenure(partition).epoch(),
                tenure(partition).committable().orElseThrow()))
        .toList();
  }

  /** Whether this commit would get its partition ahead. */
  public boolean isProgress(Committable commit) {
    Tenure tenure = tenures.get(commit.partition());
    return tenure != null && tenure.epoch() == commit.epoch() && tenure.isProgress(commit.offset());
  }

  /**
   * Counts bytes that finished records still hold in memory, because what they led to is not stored
   * yet; negative when they let go of them.
   */
  public void hold(long bytes) {
    heldBytes += bytes;
  }

  /** Records that the brokers stored this commit; of an old epoch, nothing changes. */
  public void committed(Committable commit) {
    Tenure tenure = tenures.get(commit.partition());
    if (tenure != null && tenure.epoch() == commit.epoch()) {
      tenure.committed(commit.offset());
      noteProgress(commit.partition(), tenure);
    }
  }

  /** Records in flight. */
  public int unfinished() {
    return unfinished;
  }

  /** Of the records in flight, those that are parked. */
  public int parked() {
    return parked;
  }

  /** Records in flight in these partitions that are not parked. */
  public int working(Collection<PartitionId> partitions) {
    return partitions.stream()
        .filter(tenures::containsKey)
        .mapToInt(partition -> tenure(partition).unfinished() - tenure(partition).parked())
        .sum();
  }

  /** Bytes of the records in flight, and of what finished ones led to and is not stored yet. */
  public long bytes() {
    return unfinishedBytes + heldBytes;
  }

  /** Whether the partition is held. */
  public boolean holds(PartitionId partition) {
    return tenures.containsKey(partition);
  }

  /** The partitions held, in the order in which they were given. */
  public List<PartitionId> partitions() {
    return List.copyOf(tenures.keySet());
  }

  /** Each partition's figures, in the order in which they were given. */
  public List<PartitionState> states() {
    return tenures.values().stream().map(Tenure::state).toList();
  }

  private void noteProgress(PartitionId partition, Tenure tenure) {
    boolean progress = tenure.hasSomethingToCommit();
    set(withProgress, partition, progress);
    set(pressed, partition, progress && 2 * tenure.window() > bounds.runAhead());
  }

  private static void set(Set<PartitionId> partitions, PartitionId partition, boolean contained) {
    if (contained) {
      partitions.add(partition);
    } else {
      partitions.remove(partition);
    }
  }

  private Tenure tenure(PartitionId partition) {
    Tenure tenure = tenures.get(partition);
    if (tenure == null) {
      throw new IllegalStateException(partition + " is not assigned");
    }
    return tenure;
  }
}

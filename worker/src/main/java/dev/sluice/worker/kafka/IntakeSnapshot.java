package dev.sluice.worker.kafka;

import static java.util.Objects.requireNonNull;

import dev.sluice.worker.ledger.PartitionState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;

/**
 * How an {@link Intake} stood a moment ago; made by the poll thread, read by anybody.
 *
 * @param phase what the intake is doing
 * @param joined whether this worker is a member of its group; it may be one without partitions
 * @param takenAt when this was made. Made several times a second while the poll thread lives, so an
 *     old one means that the poll thread is stuck
 * @param lastPoll when poll last returned without an error; it does, whether or not brokers are
 *     there
 * @param lastAnswer when a broker last answered; they are asked every few seconds
 * @param inFlight records taken on and not finished
 * @param parked of these, records that wait for something that is down for everybody
 * @param inFlightBytes what they hold in memory
 * @param waiting records polled and not taken on, for want of room or because they are not due
 * @param full whether nothing more may be taken on
 * @param oldestInFlight how long the oldest record in flight has been; zero when none is
 * @param partitions each partition held
 */
public record IntakeSnapshot(
    Phase phase,
    boolean joined,
    Instant takenAt,
    Instant lastPoll,
    Instant lastAnswer,
    int inFlight,
    int parked,
    long inFlightBytes,
    int waiting,
    boolean full,
    Duration oldestInFlight,
    List<Partition> partitions) {
  public IntakeSnapshot {
    requireNonNull(phase, "phase is null");
    requireNonNull(takenAt, "takenAt is null");
    requireNonNull(lastPoll, "lastPoll is null");
    requireNonNull(lastAnswer, "lastAnswer is null");
    requireNonNull(oldestInFlight, "oldestInFlight is null");
    partitions = List.copyOf(partitions);
  }

  /** What an intake is doing. */
  public enum Phase {
    /** Not polling yet. */
    NEW,
    /** Polling and taking records on. */
    RUNNING,
    /** Told to stop; finishing what is in flight. */
    DRAINING,
    /** Stopped as it was told. */
    STOPPED,
    /** Ended by an error that polling again cannot mend. */
    FAILED
  }

  /**
   * One partition held.
   *
   * @param state its figures in the ledger
   * @param paused whether fetching from it is paused
   * @param lag records from the first unfinished one to the partition's end, gaps counted as
   *     records; empty until the end is known
   */
  public record Partition(PartitionState state, boolean paused, OptionalLong lag) {
    public Partition {
      requireNonNull(state, "state is null");
      requireNonNull(lag, "lag is null");
    }
  }
}

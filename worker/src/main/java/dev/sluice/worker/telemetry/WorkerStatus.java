package dev.sluice.worker.telemetry;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.List;

/** What a worker is doing at one moment; the status page and the gauges are drawn from it. */
public record WorkerStatus(
    String workerId,
    Phase phase,
    Instant startedAt,
    Intake intake,
    InFlight inFlight,
    List<Partition> partitions,
    List<Model> models,
    List<Breaker> breakers,
    List<Waiting> waiting) {
  public WorkerStatus {
    requireNonNull(workerId, "workerId is null");
    requireNonNull(phase, "phase is null");
    requireNonNull(startedAt, "startedAt is null");
    requireNonNull(intake, "intake is null");
    requireNonNull(inFlight, "inFlight is null");
    partitions = List.copyOf(partitions);
    models = List.copyOf(models);
    breakers = List.copyOf(breakers);
    waiting = List.copyOf(waiting);
  }

  /** Where the worker is between its start and its end. */
  public enum Phase {
    STARTING,
    RUNNING,
    DRAINING,
    STOPPED
  }

  /** Whether new requests are read. */
  public sealed interface Intake {
    /** They are. */
    record Open() implements Intake {}

    /**
     * They are not.
     *
     * @param reason for people: what has to end first
     */
    record Paused(String reason) implements Intake {
      public Paused {
        requireNonNull(reason, "reason is null");
      }
    }

    /** They are not, and all that is in flight waits for something that is down for everybody. */
    record HeldUp() implements Intake {}
  }

  /**
   * What has been begun and not finished, and how much of that is allowed.
   *
   * @param images fetched, or being fetched, for requests that are not answered
   * @param maxImages 0 before the models are loaded, on which it depends
   */
  public record InFlight(
      int records, int maxRecords, int images, int maxImages, long bytes, long maxBytes) {}

  /**
   * One assigned partition.
   *
   * @param lag records from the group's committed offset to the partition's end
   * @param inFlight of this partition
   */
  public record Partition(String topic, int partition, Lag lag, int inFlight) {
    public Partition {
      requireNonNull(topic, "topic is null");
      requireNonNull(lag, "lag is null");
    }
  }

  /** How far a partition's committed offset is behind its end. */
  public sealed interface Lag {
    /** Not asked yet, or the broker did not say. */
    record Unknown() implements Lag {}

    /** So many records. */
    record Records(long count) implements Lag {}
  }

  /**
   * One model that is served.
   *
   * @param version the one that serves
   * @param waiting images that wait for a lane
   * @param largestBatch for now: less than {@code max_batch_size} after the device ran out of
   *     memory, or with adaptive batching
   * @param adaptive whether the model's own pace decides how large batches may be
   */
  public record Model(
      String name,
      String version,
      String task,
      int waiting,
      int largestBatch,
      int maxBatchSize,
      boolean adaptive,
      List<Lane> lanes) {
    public Model {
      requireNonNull(name, "name is null");
      requireNonNull(version, "version is null");
      requireNonNull(task, "task is null");
      lanes = List.copyOf(lanes);
    }
  }

  /**
   * One lane of a model.
   *
   * @param told what it is doing, for people
   */
  public record Lane(LaneCondition condition, String told) {
    public Lane {
      requireNonNull(condition, "condition is null");
      requireNonNull(told, "told is null");
    }
  }

  /** What can be said of a lane in a word. */
  public enum LaneCondition {
    IDLE,
    BUSY,
    /** In a device call that takes longer than it may. */
    WEDGED,
    /** Its thread is over. */
    ENDED
  }

  /**
   * The circuit breaker in front of one origin of images.
   *
   * @param since since when the origin is well, or, when the breaker is not closed, is not
   */
  public record Breaker(String origin, BreakerState state, Instant since) {
    public Breaker {
      requireNonNull(origin, "origin is null");
      requireNonNull(state, "state is null");
      requireNonNull(since, "since is null");
    }
  }

  /**
   * Requests that wait for something that is down for everybody.
   *
   * @param dependency what they wait for, for people
   * @param requests how many, positive
   * @param since since when it is down
   */
  public record Waiting(String dependency, int requests, Instant since) {
    public Waiting {
      requireNonNull(dependency, "dependency is null");
      requireNonNull(since, "since is null");
    }
  }

  /** What a circuit breaker does with a call. */
  public enum BreakerState {
    /** Lets it through. */
    CLOSED,
    /** Lets a few through, to see. */
    HALF_OPEN,
    /** Refuses it. */
    OPEN
  }
}

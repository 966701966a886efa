package dev.sluice.worker.batch;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/** What a lane is doing, for health checks. */
public sealed interface LaneState {
  /** It waits for items. */
  record Idle() implements LaneState {}

  /**
   * It runs a batch; one that runs for minutes is wedged.
   *
   * @param running for how long so far
   * @param batchSize how many items
   */
  record Busy(Duration running, int batchSize) implements LaneState {
    public Busy {
      requireNonNull(running, "running is null");
    }
  }

  /**
   * Its thread has ended and no item goes to it any more.
   *
   * @param reason why, for people
   */
  record Ended(String reason) implements LaneState {
    public Ended {
      requireNonNull(reason, "reason is null");
    }
  }
}

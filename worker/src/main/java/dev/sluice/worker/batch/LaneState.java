package dev.sluice.worker.batch;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/** What a lane is doing, for health checks. */
public sealed interface LaneState {
  /** It waits for items. */
  record Idle() implements LaneState {}

  /**
   * It is inside a device call.
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
   * It has been inside a device call for longer than it may; its items have been given up.
   *
   * @param running for how long so far
   * @param batchSize how many items
   */
  record Wedged(Duration running, int batchSize) implements LaneState {
    public Wedged {
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

package dev.sluice.worker.telemetry;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.List;

/**
 * The facts from which health is judged.
 *
 * @param modelsLoaded whether every model is ready to run
 * @param groupJoined whether the worker is a member of its consumer group
 * @param draining whether it is on its way out
 */
public record Vitals(
    boolean modelsLoaded,
    boolean groupJoined,
    boolean draining,
    PollLoop pollLoop,
    List<Lane> lanes) {
  public Vitals {
    requireNonNull(pollLoop, "pollLoop is null");
    lanes = List.copyOf(lanes);
  }

  /** The thread that owns the consumer. */
  public sealed interface PollLoop {
    /**
     * It has not begun.
     *
     * @param step what comes first, for people: "loading the models"
     */
    record NotStarted(String step) implements PollLoop {
      public NotStarted {
        requireNonNull(step, "step is null");
      }
    }

    /**
     * It runs.
     *
     * @param sinceLastAnswer how long no broker has answered
     */
    record Polling(Duration sinceLastPoll, Duration sinceLastAnswer) implements PollLoop {
      public Polling {
        requireNonNull(sinceLastPoll, "sinceLastPoll is null");
        requireNonNull(sinceLastAnswer, "sinceLastAnswer is null");
      }
    }

    /** It is over. */
    record Ended(String reason) implements PollLoop {
      public Ended {
        requireNonNull(reason, "reason is null");
      }
    }
  }

  /**
   * One lane of a model.
   *
   * @param model its name and version
   */
  public record Lane(String model, String name, LaneState state) {
    public Lane {
      requireNonNull(model, "model is null");
      requireNonNull(name, "name is null");
      requireNonNull(state, "state is null");
    }
  }

  /** What a lane is doing. */
  public sealed interface LaneState {
    /** It waits for images. */
    record Idle() implements LaneState {}

    /** It is inside a device call. */
    record Busy(Duration running) implements LaneState {
      public Busy {
        requireNonNull(running, "running is null");
      }
    }

    /**
     * It is inside a device call that takes longer than it may.
     *
     * @param hopeless whether it is no longer expected to come back
     */
    record Wedged(Duration running, boolean hopeless) implements LaneState {
      public Wedged {
        requireNonNull(running, "running is null");
      }
    }

    /** Its thread is over. */
    record Ended(String reason) implements LaneState {
      public Ended {
        requireNonNull(reason, "reason is null");
      }
    }
  }
}

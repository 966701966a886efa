package dev.sluice.worker.telemetry;

import dev.sluice.worker.telemetry.Vitals.LaneState;
import dev.sluice.worker.telemetry.Vitals.PollLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A judgement on a worker's health.
 *
 * @param problems why it is not well, for people; empty when it is
 */
public record Health(List<String> problems) {
  public Health {
    problems = List.copyOf(problems);
  }

  /** Whether nothing is wrong. */
  public boolean isUp() {
    return problems.isEmpty();
  }

  /**
   * From when on something that takes long is taken for stuck.
   *
   * @param pollSilence without a poll
   * @param deviceCall of one batch
   */
  public record Limits(Duration pollSilence, Duration deviceCall) {
    /**
     * 30 s without a poll (it polls several times a second) and 5 min in one device call (the first
     * call of a model on a GPU may take a minute).
     */
    public static Limits standard() {
      return new Limits(Duration.ofSeconds(30), Duration.ofMinutes(5));
    }
  }

  /**
   * Whether the process works at all; if not, only a restart helps. A worker that starts or drains
   * is alive.
   */
  public static Health live(Vitals vitals, Limits limits) {
    List<String> problems = new ArrayList<>(silence(vitals, limits));
    if (vitals.pollLoop() instanceof PollLoop.Ended(String reason) && !vitals.draining()) {
      problems.add("the poll loop has ended: " + reason);
    }
    for (Vitals.Lane lane : vitals.lanes()) {
      switch (lane.state()) {
        case LaneState.Busy(Duration running) when running.compareTo(limits.deviceCall()) > 0 ->
            problems.add(
                lane.name() + " has been in one device call for " + running.toSeconds() + " s");
        case LaneState.Ended(String reason) when !vitals.draining() ->
            problems.add(lane.name() + " has ended: " + reason);
        case LaneState.Idle _, LaneState.Busy _, LaneState.Ended _ -> {}
      }
    }
    return new Health(problems);
  }

  /** Whether the worker takes part in the work. */
  public static Health ready(Vitals vitals, Limits limits) {
    List<String> problems = new ArrayList<>(silence(vitals, limits));
    if (vitals.draining()) {
      problems.add("the worker is draining");
    }
    if (!vitals.modelsLoaded()) {
      problems.add("the models are not loaded yet");
    }
    switch (vitals.pollLoop()) {
      case PollLoop.NotStarted(String step) ->
          problems.add("the poll loop has not started yet: " + step);
      case PollLoop.Ended(String reason) -> problems.add("the poll loop has ended: " + reason);
      case PollLoop.Polling _ -> {
        if (!vitals.groupJoined()) {
          problems.add("the worker has not joined its consumer group");
        }
      }
    }
    return new Health(problems);
  }

  private static List<String> silence(Vitals vitals, Limits limits) {
    return vitals.pollLoop() instanceof PollLoop.Polling(Duration since)
            && since.compareTo(limits.pollSilence()) > 0
        ? List.of("the poll loop has not polled for " + since.toSeconds() + " s")
        : List.of();
  }
}

package dev.sluice.worker.telemetry;

import dev.sluice.worker.telemetry.Vitals.LaneState;
import dev.sluice.worker.telemetry.Vitals.PollLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

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
   * @param brokerSilence without an answer of any broker
   */
  public record Limits(Duration pollSilence, Duration brokerSilence) {
    /**
     * 30 s without a poll, which comes several times a second, and 45 s without an answer of the
     * brokers, who are asked every 2 s, but not while a partition that leaves is drained.
     */
    public static Limits standard() {
      return new Limits(Duration.ofSeconds(30), Duration.ofSeconds(45));
    }
  }

  /**
   * Whether the process works at all; if not, only a restart helps. A worker that starts or drains
   * is alive, and so is one whose device calls are slow: only one that is not expected to come back
   * counts.
   */
  public static Health live(Vitals vitals, Limits limits) {
    List<String> problems = new ArrayList<>(silence(vitals, limits));
    if (vitals.pollLoop() instanceof PollLoop.Ended(String reason) && !vitals.draining()) {
      problems.add("the poll loop has ended: " + reason);
    }
    for (Vitals.Lane lane : vitals.lanes()) {
      switch (lane.state()) {
        case LaneState.Wedged(Duration running, boolean hopeless) when hopeless ->
            problems.add(
                lane.name() + " has been in one device call for " + running.toSeconds() + " s");
        case LaneState.Ended(String reason) when !vitals.draining() ->
            problems.add(lane.name() + " has ended: " + reason);
        case LaneState.Idle _, LaneState.Busy _, LaneState.Wedged _, LaneState.Ended _ -> {}
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
      case PollLoop.Polling(_, Duration sinceAnswer) -> {
        if (sinceAnswer.compareTo(limits.brokerSilence()) > 0) {
          problems.add("no broker has answered for " + sinceAnswer.toSeconds() + " s");
        }
        if (!vitals.groupJoined()) {
          problems.add("the worker has not joined its consumer group");
        }
      }
    }
    if (!vitals.draining()) {
      problems.addAll(stuckModels(vitals));
    }
    return new Health(problems);
  }

  /** Models none of whose lanes takes an image. */
  private static List<String> stuckModels(Vitals vitals) {
    Map<String, Boolean> serves = new TreeMap<>();
    for (Vitals.Lane lane : vitals.lanes()) {
      boolean works =
          switch (lane.state()) {
            case LaneState.Idle _, LaneState.Busy _ -> true;
            case LaneState.Wedged _, LaneState.Ended _ -> false;
          };
      serves.merge(lane.model(), works, Boolean::logicalOr);
    }
    return serves.entrySet().stream()
        .filter(model -> !model.getValue())
        .map(model -> "every lane of " + model.getKey() + " is wedged or has ended")
        .toList();
  }

  private static List<String> silence(Vitals vitals, Limits limits) {
    return vitals.pollLoop() instanceof PollLoop.Polling(Duration since, _)
            && since.compareTo(limits.pollSilence()) > 0
        ? List.of("the poll loop has not polled for " + since.toSeconds() + " s")
        : List.of();
  }
}

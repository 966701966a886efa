package dev.sluice.worker.model;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/** Which attempt at a request this is. */
public sealed interface Attempt {
  /** Counts from 1. */
  int number();

  /** How many steps of the retry ladder the request has taken. */
  int stepsTaken();

  /** The request comes from its producer. */
  record First() implements Attempt {
    @Override
    public int number() {
      return 1;
    }

    @Override
    public int stepsTaken() {
      return 0;
    }
  }

  /**
   * The request comes from a retry topic.
   *
   * @param number from 1: a request that had to wait for what was down for everybody comes back
   *     without having been tried
   * @param step on which step of the ladder it waited, from 0
   * @param firstFailure when it first failed or began to wait
   */
  record Again(int number, int step, Instant firstFailure) implements Attempt {
    public Again {
      requireNonNull(firstFailure, "firstFailure is null");
      if (number < 1 || step < 0) {
        throw new IllegalArgumentException(
            "attempts count from 1 and steps from 0: " + number + ", " + step);
      }
    }

    @Override
    public int stepsTaken() {
      return step + 1;
    }
  }
}

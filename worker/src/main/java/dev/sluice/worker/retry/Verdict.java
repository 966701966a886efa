package dev.sluice.worker.retry;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;

/** What becomes of a request that failed. */
public sealed interface Verdict {
  /** It has failed for good. */
  record GiveUp() implements Verdict {}

  /** Its deadline passes before it could be tried again. */
  record Expire() implements Verdict {}

  /**
   * It waits where it is and is tried again.
   *
   * @param step on which step of the ladder, from 0
   */
  record WaitInPlace(int step, Duration delay) implements Verdict {
    public WaitInPlace {
      requireNonNull(delay, "delay is null");
    }
  }

  /**
   * It goes to the retry topic of a step and is tried again when it is due.
   *
   * @param step on which step of the ladder, from 0
   */
  record Postpone(int step, Instant due) implements Verdict {
    public Postpone {
      requireNonNull(due, "due is null");
    }
  }
}

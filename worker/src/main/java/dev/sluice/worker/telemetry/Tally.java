package dev.sluice.worker.telemetry;

import dev.sluice.worker.model.ErrorCode;
import java.util.Map;

/**
 * How requests have ended since the worker started.
 *
 * @param failures by error code; DEADLINE_EXCEEDED counts those that expired
 */
public record Tally(
    long succeeded,
    Map<ErrorCode, Long> failures,
    long undecodable,
    long deadLetters,
    long sendFailures) {
  public Tally {
    failures = Map.copyOf(failures);
  }
}

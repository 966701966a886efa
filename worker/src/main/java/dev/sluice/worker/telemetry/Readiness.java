package dev.sluice.worker.telemetry;

import dev.sluice.worker.telemetry.WorkerStatus.Intake;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether a worker takes part in the work, and what part of it waits. A worker is ready while there
 * is work that can go on, however much else waits for what is down.
 *
 * @param health why it is not ready; up when it is
 * @param degraded what part of the work waits for, for people
 */
record Readiness(Health health, List<String> degraded) {
  Readiness {
    degraded = List.copyOf(degraded);
  }

  static Readiness of(TelemetrySources sources, Health.Limits limits) {
    WorkerStatus status = sources.status().get();
    List<String> problems =
        new ArrayList<>(Health.ready(sources.vitals().get(), limits).problems());
    if (status.intake() instanceof Intake.HeldUp) {
      problems.add("every assigned partition is held up by requests that wait for what is down");
    }
    return new Readiness(new Health(problems), Outages.lines(status.waiting()));
  }
}

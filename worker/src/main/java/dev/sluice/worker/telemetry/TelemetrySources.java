package dev.sluice.worker.telemetry;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.function.Supplier;

/**
 * What the HTTP surface asks the worker; each may be asked by several threads at once and answers
 * without waiting.
 *
 * @param status what it is doing
 * @param vitals from which its health is judged
 * @param models what the Open Inference Protocol tells of its models
 */
public record TelemetrySources(
    Supplier<WorkerStatus> status, Supplier<Vitals> vitals, Supplier<List<ModelMetadata>> models) {
  public TelemetrySources {
    requireNonNull(status, "status is null");
    requireNonNull(vitals, "vitals is null");
    requireNonNull(models, "models is null");
  }
}

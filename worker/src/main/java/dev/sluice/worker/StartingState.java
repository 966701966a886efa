package dev.sluice.worker;

import dev.sluice.worker.config.WorkerConfiguration;
import dev.sluice.worker.telemetry.TelemetrySources;
import dev.sluice.worker.telemetry.Vitals;
import dev.sluice.worker.telemetry.WorkerStatus;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/**
 * What the HTTP surface tells of a worker from its first moment on: alive but not ready while the
 * models are loaded and the brokers and the registry are waited for, and after that what {@link
 * WorkerState} says. Any thread.
 */
final class StartingState {
  private final WorkerConfiguration configuration;
  private final Instant startedAt;

  /** Written by the thread that starts the worker. */
  private volatile String step = "loading the models";

  /** Written by the thread that starts the worker. */
  private volatile boolean modelsLoaded;

  /** Written once by the thread that starts the worker. */
  private volatile TelemetrySources present;

  StartingState(WorkerConfiguration configuration, InstantSource clock) {
    this.configuration = configuration;
    this.startedAt = clock.instant();
    this.present = new TelemetrySources(this::status, this::vitals, List::of);
  }

  /**
   * The models are there; it goes on with something that may take long.
   *
   * @param what for people: "waiting for Kafka at broker:9092"
   */
  void goesOnWith(String what) {
    step = what;
    modelsLoaded = true;
  }

  /** For the HTTP surface; answers with the state of the moment for as long as it is asked. */
  TelemetrySources sources() {
    return new TelemetrySources(
        () -> present.status().get(), () -> present.vitals().get(), () -> present.models().get());
  }

  /** From now on the worker's parts are asked. */
  void started(TelemetrySources parts) {
    present = parts;
  }

  private WorkerStatus status() {
    return new WorkerStatus(
        configuration.workerId(),
        WorkerStatus.Phase.STARTING,
        startedAt,
        new WorkerStatus.Intake.Paused("the worker is starting: " + step),
        new WorkerStatus.InFlight(
            0, configuration.inFlight().maxRecords(), 0, 0, 0, configuration.inFlight().maxBytes()),
        List.of(),
        List.of(),
        List.of(),
        List.of());
  }

  private Vitals vitals() {
    return new Vitals(modelsLoaded, false, false, new Vitals.PollLoop.NotStarted(step), List.of());
  }
}

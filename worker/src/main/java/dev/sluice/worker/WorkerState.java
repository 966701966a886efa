package dev.sluice.worker;

import static java.util.Objects.requireNonNull;

import dev.sluice.worker.batch.Batcher;
import dev.sluice.worker.batch.LaneState;
import dev.sluice.worker.config.WorkerConfiguration;
import dev.sluice.worker.image.ImageFetcher;
import dev.sluice.worker.image.OriginState;
import dev.sluice.worker.inference.Batching;
import dev.sluice.worker.inference.GraphSignature.TensorSignature;
import dev.sluice.worker.inference.InferenceInput;
import dev.sluice.worker.inference.ModelRepository;
import dev.sluice.worker.inference.ServedModel;
import dev.sluice.worker.kafka.Intake;
import dev.sluice.worker.kafka.IntakeSnapshot;
import dev.sluice.worker.kafka.RegistryClient;
import dev.sluice.worker.kafka.RegistryState;
import dev.sluice.worker.ledger.PartitionState;
import dev.sluice.worker.model.ByteBudget;
import dev.sluice.worker.model.Output;
import dev.sluice.worker.telemetry.ModelMetadata;
import dev.sluice.worker.telemetry.TelemetrySources;
import dev.sluice.worker.telemetry.Vitals;
import dev.sluice.worker.telemetry.WorkerStatus;
import dev.sluice.worker.telemetry.WorkerStatus.LaneCondition;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** What the worker's parts say of themselves, in the terms of the HTTP surface. Any thread. */
final class WorkerState {
  private final WorkerConfiguration configuration;
  private final ModelRepository models;
  private final Batchers batchers;
  private final ImageFetcher fetcher;
  private final RegistryClient registry;
  private final ByteBudget budget;
  private final Intake intake;
  private final InstantSource clock;
  private final Instant startedAt;

  WorkerState(
      WorkerConfiguration configuration,
      ModelRepository models,
      Batchers batchers,
      ImageFetcher fetcher,
      RegistryClient registry,
      ByteBudget budget,
      Intake intake,
      InstantSource clock) {
    this.configuration = requireNonNull(configuration, "configuration is null");
    this.models = requireNonNull(models, "models is null");
    this.batchers = requireNonNull(batchers, "batchers is null");
    this.fetcher = requireNonNull(fetcher, "fetcher is null");
    this.registry = requireNonNull(registry, "registry is null");
    this.budget = requireNonNull(budget, "budget is null");
    this.intake = requireNonNull(intake, "intake is null");
    this.clock = requireNonNull(clock, "clock is null");
    this.startedAt = clock.instant();
  }

  TelemetrySources sources() {
    List<ModelMetadata> metadata = models.serving().stream().map(WorkerState::metadata).toList();
    return new TelemetrySources(this::status, this::vitals, () -> metadata);
  }

  private WorkerStatus status() {
    IntakeSnapshot snapshot = intake.snapshot();
    Map<String, OriginState> origins = fetcher.origins();
    return new WorkerStatus(
        configuration.workerId(),
        phase(snapshot.phase()),
        startedAt,
        intake(snapshot),
        new WorkerStatus.InFlight(
            snapshot.inFlight(),
            configuration.inFlight().maxRecords(),
            fetcher.imagesAhead(),
            fetcher.maxImagesAhead(),
            snapshot.inFlightBytes() + budget.inUse(),
            configuration.inFlight().maxBytes()),
        snapshot.partitions().stream().map(WorkerState::partition).toList(),
        models.serving().stream().map(this::model).toList(),
        origins.entrySet().stream()
            .map(origin -> breaker(origin.getKey(), origin.getValue()))
            .toList(),
        waiting(origins, registry.state()));
  }

  private static List<WorkerStatus.Waiting> waiting(
      Map<String, OriginState> origins, RegistryState registry) {
    List<WorkerStatus.Waiting> waiting = new ArrayList<>();
    origins.forEach((name, origin) -> {
      if (origin.waiting() > 0) {
        waiting.add(new WorkerStatus.Waiting(name, origin.waiting(), origin.since()));
      }
    });
    if (registry.waiting() > 0) {
      waiting.add(
          new WorkerStatus.Waiting(RegistryClient.NAME, registry.waiting(), registry.since()));
    }
    return waiting;
  }

  private static WorkerStatus.Breaker breaker(String name, OriginState origin) {
    return new WorkerStatus.Breaker(
        name,
        switch (origin.breaker()) {
          case CLOSED -> WorkerStatus.BreakerState.CLOSED;
          case HALF_OPEN -> WorkerStatus.BreakerState.HALF_OPEN;
          case OPEN -> WorkerStatus.BreakerState.OPEN;
        },
        origin.since());
  }

  private Vitals vitals() {
    IntakeSnapshot snapshot = intake.snapshot();
    List<Vitals.Lane> lanes = new ArrayList<>();
    batchers
        .all()
        .forEach((model, batcher) -> {
          int number = 0;
          for (LaneState lane : batcher.lanes()) {
            lanes.add(
                new Vitals.Lane(
                    model.name() + " version " + model.version(),
                    model.name() + "-" + model.version() + "-lane-" + number++,
                    vital(lane, batcher.hopelessAfter())));
          }
        });
    return new Vitals(
        true,
        snapshot.joined(),
        snapshot.phase() == IntakeSnapshot.Phase.DRAINING,
        pollLoop(snapshot),
        lanes);
  }

  private Vitals.PollLoop pollLoop(IntakeSnapshot snapshot) {
    return switch (snapshot.phase()) {
      case NEW -> new Vitals.PollLoop.NotStarted("about to");
      case RUNNING, DRAINING ->
          new Vitals.PollLoop.Polling(
              Duration.between(snapshot.lastPoll(), clock.instant()),
              Duration.between(snapshot.lastAnswer(), clock.instant()));
      case STOPPED -> new Vitals.PollLoop.Ended("it was told to stop");
      case FAILED -> new Vitals.PollLoop.Ended("it failed; see the log");
    };
  }

  private static WorkerStatus.Phase phase(IntakeSnapshot.Phase phase) {
    return switch (phase) {
      case NEW -> WorkerStatus.Phase.STARTING;
      case RUNNING -> WorkerStatus.Phase.RUNNING;
      case DRAINING -> WorkerStatus.Phase.DRAINING;
      case STOPPED, FAILED -> WorkerStatus.Phase.STOPPED;
    };
  }

  static WorkerStatus.Intake intake(IntakeSnapshot snapshot) {
    if (snapshot.phase() == IntakeSnapshot.Phase.DRAINING) {
      return new WorkerStatus.Intake.Paused("the worker is draining");
    }
    if (isHeldUp(snapshot)) {
      return new WorkerStatus.Intake.HeldUp();
    }
    return snapshot.full()
        ? new WorkerStatus.Intake.Paused("as much is in flight as in_flight allows")
        : new WorkerStatus.Intake.Open();
  }

  /**
   * All that was taken on waits for what is down, and no partition that holds more has room for it.
   */
  private static boolean isHeldUp(IntakeSnapshot snapshot) {
    return snapshot.parked() > 0
        && snapshot.parked() == snapshot.inFlight()
        && snapshot.partitions().stream().anyMatch(IntakeSnapshot.Partition::paused)
        && snapshot.partitions().stream()
            .allMatch(partition -> partition.paused() || partition.lag().orElse(1) == 0);
  }

  private static WorkerStatus.Partition partition(IntakeSnapshot.Partition partition) {
    PartitionState state = partition.state();
    OptionalLong lag = partition.lag();
    return new WorkerStatus.Partition(
        state.partition().topic(),
        state.partition().partition(),
        lag.isPresent()
            ? new WorkerStatus.Lag.Records(lag.getAsLong())
            : new WorkerStatus.Lag.Unknown(),
        state.unfinished());
  }

  private WorkerStatus.Model model(ServedModel model) {
    Batcher<InferenceInput, Output> batcher = batchers.of(model);
    return new WorkerStatus.Model(
        model.name(),
        model.version(),
        model.taskName().text() + " on " + model.device(),
        batcher.waiting(),
        batcher.largestBatch(),
        model.maxBatchSize(),
        model.batching() instanceof Batching.Adaptive,
        batcher.lanes().stream().map(WorkerState::lane).toList());
  }

  private static WorkerStatus.Lane lane(LaneState lane) {
    return switch (lane) {
      case LaneState.Idle() -> new WorkerStatus.Lane(LaneCondition.IDLE, "idle");
      case LaneState.Busy(Duration running, int size) ->
          new WorkerStatus.Lane(
              LaneCondition.BUSY, "running " + size + " images for " + running.toMillis() + " ms");
      case LaneState.Wedged(Duration running, int size) ->
          new WorkerStatus.Lane(
              LaneCondition.WEDGED,
              "wedged with " + size + " images for " + running.toSeconds() + " s");
      case LaneState.Ended(String reason) ->
          new WorkerStatus.Lane(LaneCondition.ENDED, "ended: " + reason);
    };
  }

  private static Vitals.LaneState vital(LaneState lane, Duration hopelessAfter) {
    return switch (lane) {
      case LaneState.Idle() -> new Vitals.LaneState.Idle();
      case LaneState.Busy(Duration running, int _) -> new Vitals.LaneState.Busy(running);
      case LaneState.Wedged(Duration running, int _) ->
          new Vitals.LaneState.Wedged(running, running.compareTo(hopelessAfter) > 0);
      case LaneState.Ended(String reason) -> new Vitals.LaneState.Ended(reason);
    };
  }

  private static ModelMetadata metadata(ServedModel model) {
    dev.sluice.worker.inference.ModelMetadata said = model.metadata();
    return new ModelMetadata(
        said.name(),
        said.versions(),
        said.platform(),
        said.inputs().stream().map(WorkerState::tensor).toList(),
        said.outputs().stream().map(WorkerState::tensor).toList());
  }

  private static ModelMetadata.Tensor tensor(TensorSignature tensor) {
    return new ModelMetadata.Tensor(tensor.name(), tensor.datatype(), tensor.shape());
  }
}

package dev.sluice.worker.telemetry;

import dev.sluice.worker.telemetry.WorkerStatus.Breaker;
import dev.sluice.worker.telemetry.WorkerStatus.InFlight;
import dev.sluice.worker.telemetry.WorkerStatus.Intake;
import dev.sluice.worker.telemetry.WorkerStatus.Lane;
import dev.sluice.worker.telemetry.WorkerStatus.LaneCondition;
import dev.sluice.worker.telemetry.WorkerStatus.Model;
import dev.sluice.worker.telemetry.WorkerStatus.Partition;
import dev.sluice.worker.telemetry.WorkerStatus.Phase;
import dev.sluice.worker.telemetry.WorkerStatus.Waiting;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Workers as tests want them. */
final class Samples {
  static final Instant STARTED = Instant.parse("2026-11-20T10:00:00Z");

  private Samples() {}

  static WorkerStatus status(Intake intake, List<Partition> partitions, List<Breaker> breakers) {
    return status(intake, partitions, breakers, List.of());
  }

  static WorkerStatus status(
      Intake intake, List<Partition> partitions, List<Breaker> breakers, List<Waiting> waiting) {
    return new WorkerStatus(
        "worker-1",
        Phase.RUNNING,
        STARTED,
        intake,
        new InFlight(12, 2_000, 7, 134, 3 << 20, 512L << 20),
        partitions,
        List.of(
            new Model(
                "signs",
                "3",
                "text",
                5,
                4,
                8,
                false,
                List.of(
                    new Lane(LaneCondition.IDLE, "idle"),
                    new Lane(LaneCondition.WEDGED, "wedged")))),
        breakers,
        waiting);
  }

  static Vitals well() {
    return new Vitals(
        true,
        true,
        false,
        new Vitals.PollLoop.Polling(Duration.ofMillis(100), Duration.ofSeconds(3)),
        List.of(
            new Vitals.Lane(
                "signs", "signs-lane-0", new Vitals.LaneState.Busy(Duration.ofSeconds(1))),
            new Vitals.Lane("signs", "signs-lane-1", new Vitals.LaneState.Idle())));
  }

  static ModelMetadata signs() {
    return new ModelMetadata(
        "signs",
        List.of("2", "3"),
        "onnxruntime_onnx",
        List.of(new ModelMetadata.Tensor("x", "FP32", List.of(-1L, 3L, -1L, -1L))),
        List.of(new ModelMetadata.Tensor("y", "FP32", List.of(-1L, 1L))));
  }
}

package dev.sluice.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.worker.kafka.IntakeSnapshot;
import dev.sluice.worker.kafka.IntakeSnapshot.Partition;
import dev.sluice.worker.kafka.IntakeSnapshot.Phase;
import dev.sluice.worker.ledger.PartitionId;
import dev.sluice.worker.ledger.PartitionState;
import dev.sluice.worker.telemetry.WorkerStatus.Intake;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class WorkerStateTest {
  private static final boolean PAUSED = true;
  private static final boolean READ = false;

  private static Intake intake(int inFlight, int parked, boolean full, Partition... partitions) {
    return WorkerState.intake(
        new IntakeSnapshot(
            Phase.RUNNING,
            true,
            Instant.EPOCH,
            Instant.EPOCH,
            Instant.EPOCH,
            inFlight,
            parked,
            1000,
            0,
            full,
            Duration.ZERO,
            List.of(partitions)));
  }

  private static Partition partition(int number, boolean paused, long lag) {
    PartitionState state =
        new PartitionState(
            new PartitionId("requests", number),
            1,
            1,
            1,
            0,
            OptionalLong.of(5),
            OptionalLong.of(5),
            OptionalLong.of(0));
    return new Partition(state, paused, OptionalLong.of(lag));
  }

  @Test
  void itIsHeldUpWhenAllWaitsAndNothingMoreFits() {
    assertThat(intake(20, 20, false, partition(0, PAUSED, 90), partition(1, PAUSED, 90)))
        .isEqualTo(new Intake.HeldUp());
    assertThat(intake(20, 20, true, partition(0, PAUSED, 90)))
        .as("for want of bytes")
        .isEqualTo(new Intake.HeldUp());
    assertThat(intake(20, 20, false, partition(0, PAUSED, 90), partition(1, READ, 0)))
        .as("the other partition is empty")
        .isEqualTo(new Intake.HeldUp());
  }

  @Test
  void itIsNotWhileSomethingGoesOn() {
    assertThat(intake(20, 19, false, partition(0, PAUSED, 90))).isEqualTo(new Intake.Open());
    assertThat(intake(20, 20, false, partition(0, PAUSED, 90), partition(1, READ, 10)))
        .isEqualTo(new Intake.Open());
    assertThat(intake(0, 0, false, partition(0, READ, 0))).isEqualTo(new Intake.Open());
    assertThat(intake(20, 20, false, partition(0, READ, 20)))
        .as("there is room for more")
        .isEqualTo(new Intake.Open());
    assertThat(intake(20, 0, true, partition(0, PAUSED, 90))).isInstanceOf(Intake.Paused.class);
  }
}

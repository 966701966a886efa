package dev.sluice.tools.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Nothing that went wrong beside the requests passes for a clean run. */
class SoakReportTest {
  @Test
  void aRunWithoutIncidentIsClean() {
    assertThat(report(0, 0, 0).defects()).isEmpty();
  }

  @Test
  void workersThatEndOtherThanTheyShouldAreDefects() {
    assertThat(report(1, 2, 3).defects())
        .containsExactly(
            "workers that ended on their own: 1",
            "workers that did not drain: 2",
            "requests that failed unexpectedly, see the workers' logs: 3");
  }

  private static SoakReport report(int unplannedEnds, int failedDrains, int unexpectedFailures) {
    SoakSettings settings =
        new SoakSettings(
            1,
            new Schedule.Limits(Duration.ofMinutes(1), 0, 1, 1, Set.of()),
            1,
            1,
            1,
            "at-least-once",
            "none",
            "classic",
            List.of(),
            Map.of(),
            List.of(),
            Duration.ofMinutes(1),
            Path.of("logs"),
            new VerifiableProducer.Sabotage(0, 0));
    Totals totals =
        new Totals(1, 0, 1, 0, 0, 0, 0, 0, Duration.ZERO, Map.of(), new EnumMap<>(Defect.class));
    return new SoakReport(
        settings,
        totals,
        new EnumMap<>(FaultKind.class),
        0,
        unplannedEnds,
        failedDrains,
        unexpectedFailures,
        new ResidentMemory(0, 0, 0),
        60,
        false,
        List.of());
  }
}

package dev.sluice.tools.soak;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.tools.CommandRun;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The soak as part of the tests: short, and with a seed of its own, so that two builds compare. */
class SoakIT {
  private Set<Long> before = Set.of();

  @BeforeEach
  void rememberProcesses() {
    before = processes();
  }

  @AfterEach
  void nothingIsLeftBehind() {
    Set<Long> left = processes();
    left.removeAll(before);
    assertThat(left).isEmpty();
  }

  /**
   * Every run of the tests plays the same faults, so that a build that turns red says something
   * about the change and not about the dice. Other seeds are for {@code sluice soak}.
   */
  @Test
  void nothingIsLostDoneTwiceOrOutOfOrderInTransactionsByKey() {
    soak(
        6_000,
        30,
        "--seed=20261120",
        "--duration=60s",
        "--faults=30",
        "--rate=100",
        "--delivery=exactly-once",
        "--ordering=key");
  }

  @Test
  void nothingIsLostAtLeastOnceUnderTheClassicProtocol() {
    soak(
        3_000,
        18,
        "--seed=20261121",
        "--duration=30s",
        "--faults=18",
        "--rate=100",
        "--delivery=at-least-once",
        "--protocol=classic");
  }

  private static void soak(int requests, int faults, String... options) {
    List<String> arguments = new ArrayList<>(List.of("soak", "--json"));
    arguments.addAll(List.of(options));
    CommandRun run = CommandRun.sluice(arguments.toArray(String[]::new));

    System.out.println(run.err());
    System.out.println(run.out());
    assertThat(run.exitCode()).as(run.out()).isZero();
    JsonNode report = run.json().getFirst();
    assertThat(report.get("sent").asInt()).isGreaterThanOrEqualTo(requests);
    assertThat(report.get("faults").asInt()).isEqualTo(faults);
    assertThat(report.get("missing").asInt()).isZero();
    assertThat(report.get("replayed").asInt()).isPositive();
    assertThat(report.get("answered_after_replay").asInt())
        .isEqualTo(report.get("replayed").asInt());
    assertThat(report.get("unplanned_ends").asInt()).isZero();
  }

  /** Told of requests that were never sent, and sending some twice, the soak must say so. */
  @Test
  void whatIsLostAndWhatIsDoneTwiceIsFound() {
    CommandRun run =
        CommandRun.sluice(
            "soak",
            "--json",
            "--seed=1",
            "--brokers=1",
            "--workers=1",
            "--partitions=2",
            "--duration=3s",
            "--rate=100",
            "--faults=0",
            "--patience=15s",
            "--pretend=2",
            "--repeat=20");

    assertThat(run.exitCode()).as(run.err()).isEqualTo(1);
    JsonNode report = run.json().getFirst();
    assertThat(report.get("missing").asInt()).as(run.out()).isEqualTo(2);
    assertThat(report.get("duplicates").asInt()).as(run.out()).isBetween(15, 20);
    assertThat(report.get("wrong").asInt()).as(run.out()).isZero();
    assertThat(report.get("defects").toString()).contains("missing: 2");
    assertThat(report.get("examples").toString()).contains("missing: soak-0000000-");
  }

  private static Set<Long> processes() {
    return ProcessHandle.current()
        .descendants()
        .filter(ProcessHandle::isAlive)
        .map(ProcessHandle::pid)
        .collect(Collectors.toSet());
  }
}

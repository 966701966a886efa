package dev.sluice.worker.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.worker.telemetry.Vitals.Lane;
import dev.sluice.worker.telemetry.Vitals.LaneState;
import dev.sluice.worker.telemetry.Vitals.PollLoop;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class HealthTest {
  private static final Health.Limits LIMITS =
      new Health.Limits(Duration.ofSeconds(30), Duration.ofSeconds(20));
  private static final PollLoop POLLING =
      new PollLoop.Polling(Duration.ofSeconds(30), Duration.ofSeconds(20));
  private static final List<Lane> LANES =
      List.of(new Lane("signs", "signs-lane-0", new LaneState.Busy(Duration.ofMinutes(5))));

  @Test
  void aWorkerThatWorksIsLiveAndReady() {
    Vitals vitals = new Vitals(true, true, false, POLLING, LANES);

    assertThat(Health.live(vitals, LIMITS).problems()).isEmpty();
    assertThat(Health.ready(vitals, LIMITS).problems()).isEmpty();
    assertThat(Health.ready(vitals, LIMITS).isUp()).isTrue();
  }

  @Test
  void aWorkerThatStartsIsLiveAndSaysWhyItIsNotReady() {
    Vitals vitals =
        new Vitals(false, false, false, new PollLoop.NotStarted("waiting for Kafka"), List.of());

    assertThat(Health.live(vitals, LIMITS).isUp()).isTrue();
    assertThat(Health.ready(vitals, LIMITS).problems())
        .containsExactly(
            "the models are not loaded yet",
            "the poll loop has not started yet: waiting for Kafka");
    assertThat(Health.ready(new Vitals(true, false, false, POLLING, LANES), LIMITS).problems())
        .containsExactly("the worker has not joined its consumer group");
  }

  @Test
  void aWorkerThatDrainsIsLiveAndNotReady() {
    Vitals vitals =
        new Vitals(
            true,
            true,
            true,
            new PollLoop.Ended("stopped"),
            List.of(new Lane("signs", "signs-lane-0", new LaneState.Ended("closed"))));

    assertThat(Health.live(vitals, LIMITS).isUp()).isTrue();
    assertThat(Health.ready(vitals, LIMITS).problems())
        .contains("the worker is draining", "the poll loop has ended: stopped");
  }

  @Test
  void whatIsStuckIsNeitherLiveNorReady() {
    Vitals silent =
        new Vitals(
            true, true, false, new PollLoop.Polling(Duration.ofSeconds(31), Duration.ZERO), LANES);

    assertThat(Health.live(silent, LIMITS).problems())
        .containsExactly("the poll loop has not polled for 31 s");
    assertThat(Health.ready(silent, LIMITS).isUp()).isFalse();
    assertThat(
            Health.live(
                    new Vitals(true, true, false, new PollLoop.Ended("OutOfMemoryError"), LANES),
                    LIMITS)
                .problems())
        .containsExactly("the poll loop has ended: OutOfMemoryError");
  }

  /** Its poll returns all the same. A restart would not bring them back. */
  @Test
  void aWorkerWhoseBrokersAreAwayIsLiveAndNotReady() {
    PollLoop alone = new PollLoop.Polling(Duration.ZERO, Duration.ofSeconds(21));
    Vitals vitals = new Vitals(true, true, false, alone, LANES);

    assertThat(Health.live(vitals, LIMITS).problems()).isEmpty();
    assertThat(Health.ready(vitals, LIMITS).problems())
        .containsExactly("no broker has answered for 21 s");
  }

  @Test
  void aWorkerIsReadyWhileAModelHasALaneThatWorks() {
    LaneState wedged = new LaneState.Wedged(Duration.ofSeconds(61), false);
    Lane works = new Lane("a", "a-lane-1", new LaneState.Busy(Duration.ofSeconds(59)));
    List<Lane> lanes =
        List.of(
            new Lane("a", "a-lane-0", wedged),
            works,
            new Lane("b", "b-lane-0", wedged),
            new Lane("b", "b-lane-1", new LaneState.Ended("gone")));

    assertThat(Health.ready(new Vitals(true, true, false, POLLING, lanes), LIMITS).problems())
        .containsExactly("every lane of b is wedged or has ended");
    assertThat(
            Health.ready(new Vitals(true, true, false, POLLING, lanes.subList(0, 2)), LIMITS)
                .isUp())
        .isTrue();
    assertThat(
            Health.live(new Vitals(true, true, false, POLLING, lanes.subList(0, 3)), LIMITS).isUp())
        .isTrue();
  }

  @Test
  void aLaneThatIsStuckForGoodOrDeadIsNotLive() {
    Vitals vitals =
        new Vitals(
            true,
            true,
            false,
            POLLING,
            List.of(
                new Lane("a", "a-lane-0", new LaneState.Wedged(Duration.ofSeconds(301), true)),
                new Lane("a", "a-lane-1", new LaneState.Ended("LinkageError"))));

    assertThat(Health.live(vitals, LIMITS).problems())
        .containsExactly(
            "a-lane-0 has been in one device call for 301 s", "a-lane-1 has ended: LinkageError");
  }
}

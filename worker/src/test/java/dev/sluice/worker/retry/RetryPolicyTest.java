package dev.sluice.worker.retry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.worker.model.Deadline;
import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.TaskException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RetryPolicyTest {
  private static final Instant NOW = Instant.parse("2026-11-20T08:00:00Z");
  private static final Deadline NONE = new Deadline.None();
  private static final List<Duration> STEPS =
      List.of(Duration.ofSeconds(10), Duration.ofMinutes(1), Duration.ofMinutes(10));

  private final RetryPolicy policy = new RetryPolicy(STEPS, RetryPolicy.Place.TOPIC);

  private static TaskException unavailable(Duration retryAfter) {
    return new TaskException(ErrorCode.IMAGE_UNAVAILABLE, "503", retryAfter);
  }

  @Test
  void climbsTheLadderAndGivesUpAtItsEnd() {
    TaskException reason = unavailable(Duration.ZERO);
    for (int taken = 0; taken < STEPS.size(); taken++) {
      assertThat(policy.decide(reason, taken, NONE, NOW))
          .isEqualTo(new Verdict.Postpone(taken, NOW.plus(STEPS.get(taken))));
    }
    assertThat(policy.decide(reason, STEPS.size(), NONE, NOW)).isEqualTo(new Verdict.GiveUp());
  }

  @ParameterizedTest
  @EnumSource(ErrorCode.class)
  void onlyWhatMayPassIsTriedAgain(ErrorCode code) {
    Verdict verdict = policy.decide(new TaskException(code, "x"), 0, NONE, NOW);
    switch (code) {
      case IMAGE_UNAVAILABLE, INTERNAL -> assertThat(verdict).isInstanceOf(Verdict.Postpone.class);
      default -> assertThat(verdict).isEqualTo(new Verdict.GiveUp());
    }
  }

  @Test
  void leavesAnOriginAloneForAsLongAsItAskedFor() {
    assertThat(policy.decide(unavailable(Duration.ofSeconds(10)), 0, NONE, NOW))
        .isEqualTo(new Verdict.Postpone(0, NOW.plusSeconds(10)));
    assertThat(policy.decide(unavailable(Duration.ofSeconds(11)), 0, NONE, NOW))
        .isEqualTo(new Verdict.Postpone(1, NOW.plusSeconds(60)));
    assertThat(policy.decide(unavailable(Duration.ofDays(1)), 1, NONE, NOW))
        .as("no longer than the last step")
        .isEqualTo(new Verdict.Postpone(2, NOW.plusSeconds(600)));
    assertThat(policy.decide(unavailable(Duration.ofSeconds(1)), 2, NONE, NOW))
        .as("never a step back")
        .isEqualTo(new Verdict.Postpone(2, NOW.plusSeconds(600)));
  }

  @Test
  void aDeadlineThatComesFirstEndsIt() {
    TaskException reason = unavailable(Duration.ZERO);
    Instant due = NOW.plusSeconds(10);
    assertThat(policy.decide(reason, 0, new Deadline.At(due), NOW))
        .isInstanceOf(Verdict.Postpone.class);
    assertThat(policy.decide(reason, 0, new Deadline.At(due.minusMillis(1)), NOW))
        .isEqualTo(new Verdict.Expire());
    assertThat(policy.decide(reason, STEPS.size(), new Deadline.At(NOW), NOW))
        .as("the error is worth more than that it was late")
        .isEqualTo(new Verdict.GiveUp());
  }

  @Test
  void waitsInPlaceWhereAnOrderIsKept() {
    RetryPolicy inPlace = new RetryPolicy(STEPS, RetryPolicy.Place.IN_PLACE);
    assertThat(inPlace.decide(unavailable(Duration.ofSeconds(30)), 0, NONE, NOW))
        .isEqualTo(new Verdict.WaitInPlace(1, Duration.ofMinutes(1)));
  }

  @Test
  void withoutStepsNothingIsTriedAgain() {
    RetryPolicy none = new RetryPolicy(List.of(), RetryPolicy.Place.TOPIC);
    assertThat(none.decide(unavailable(Duration.ZERO), 0, NONE, NOW))
        .isEqualTo(new Verdict.GiveUp());
  }

  @Test
  void refusesLaddersThatDoNotClimb() {
    List<Duration> down = List.of(Duration.ofSeconds(2), Duration.ofSeconds(1));
    List<Duration> zero = List.of(Duration.ZERO);
    assertThatThrownBy(() -> new RetryPolicy(down, RetryPolicy.Place.TOPIC))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new RetryPolicy(zero, RetryPolicy.Place.TOPIC))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** Whatever origins ask for, a request climbs and ends. */
  @Test
  void everyRequestEnds() {
    long seed = System.nanoTime();
    System.out.println("RetryPolicyTest.everyRequestEnds: seed " + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 2_000; round++) {
      List<Duration> steps = new ArrayList<>();
      long delay = 0;
      for (int i = random.nextInt(6); i > 0; i--) {
        delay += 1 + random.nextInt(100_000);
        steps.add(Duration.ofMillis(delay));
      }
      RetryPolicy any = new RetryPolicy(steps, RetryPolicy.Place.TOPIC);
      int taken = 0;
      int attempts = 1;
      while (true) {
        Duration asked = Duration.ofMillis(random.nextInt(300_000));
        if (!(any.decide(unavailable(asked), taken, NONE, NOW)
            instanceof Verdict.Postpone(int step, Instant due))) {
          break;
        }
        assertThat(step).as("seed %d", seed).isGreaterThanOrEqualTo(taken);
        assertThat(due).as("seed %d", seed).isEqualTo(NOW.plus(steps.get(step)));
        boolean longEnough = steps.get(step).compareTo(asked) >= 0;
        assertThat(longEnough || step == steps.size() - 1).as("seed %d", seed).isTrue();
        taken = step + 1;
        attempts++;
      }
      assertThat(attempts).as("seed %d", seed).isLessThanOrEqualTo(steps.size() + 1);
    }
  }
}

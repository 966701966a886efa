package dev.sluice.tools.soak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tools.soak.RequestKind.Ending.Answer;
import dev.sluice.tools.soak.Traffic.Planned;
import dev.sluice.v1.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Every defect that is planted is found, and no other. */
class AccountTest {
  private static final int REQUESTS = 2_000;

  private final Traffic traffic = new Traffic(42, REQUESTS, "http://127.0.0.1:1", true);
  private final AtomicLong nanos = new AtomicLong();
  private final Account account = new Account(traffic, nanos::get);

  @Test
  void aRunInWhichEverythingEndsAsItMustIsClean() {
    acknowledge(REQUESTS);
    end(0, REQUESTS);

    Totals totals = account.totals();

    assertThat(totals.defects()).isEmpty();
    assertThat(account.outstanding()).isZero();
    assertThat(totals.sent()).isEqualTo(REQUESTS);
    assertThat(totals.succeeded()).isEqualTo(count(Answer.SUCCEEDED));
    assertThat(totals.failed()).isEqualTo(count(Answer.FAILED));
    assertThat(totals.expired()).isEqualTo(count(Answer.EXPIRED));
    assertThat(totals.deadLettered()).isEqualTo(count(Answer.FAILED) + count(Answer.NONE));
  }

  @Test
  void resultsMayBeSeenBeforeTheirRequestsAreAcknowledged() {
    end(0, REQUESTS);
    acknowledge(REQUESTS);

    assertThat(account.totals().defects()).isEmpty();
    assertThat(account.outstanding()).isZero();
  }

  @Test
  void aRequestWithoutAResultIsMissing() {
    acknowledge(REQUESTS);
    int lost = number(Answer.SUCCEEDED);
    end(0, lost);
    end(lost + 1, REQUESTS);

    onlyDefect(Defect.MISSING, lost);
    assertThat(account.outstanding()).isEqualTo(1);
    assertThat(account.totals().examples(Defect.MISSING).getFirst())
        .contains("partition 3 offset " + lost);
  }

  @Test
  void bytesThatAreNoRequestAreMissingWithoutADeadLetter() {
    acknowledge(REQUESTS);
    int lost = number(Answer.NONE);
    end(0, lost);
    end(lost + 1, REQUESTS);

    onlyDefect(Defect.MISSING, lost);
  }

  @Test
  void companyIsAccountedForButNothingWaitsForIt() {
    acknowledge(REQUESTS);
    end(0, REQUESTS);
    account.acknowledged(REQUESTS, 0, 0);
    account.acknowledged(REQUESTS + 1, 0, 1);
    pass(Duration.ofSeconds(9));

    assertThat(account.outstanding()).isZero();
    assertThat(account.outstandingCompany()).isEqualTo(2);
    assertThat(account.totals().longestStall()).isZero();
    end(REQUESTS, REQUESTS + 1);
    assertThat(account.outstandingCompany()).isEqualTo(1);
    onlyDefect(Defect.MISSING, REQUESTS + 1);
  }

  @Test
  void aRequestThatNobodyAcknowledgedIsNotMissing() {
    acknowledge(REQUESTS);
    account.notAcknowledged(REQUESTS);
    end(0, REQUESTS);

    assertThat(account.totals().defects()).isEmpty();
    assertThat(account.totals().notAcknowledged()).isEqualTo(1);
  }

  @Test
  void aSecondResultIsADuplicate() {
    acknowledge(REQUESTS);
    end(0, REQUESTS);
    int twice = number(Answer.FAILED);
    account.result(result(twice));

    onlyDefect(Defect.DUPLICATE, twice);
    assertThat(account.totals().failed()).isEqualTo(count(Answer.FAILED));
  }

  @Test
  void aSecondDeadLetterIsADuplicate() {
    acknowledge(REQUESTS);
    end(0, REQUESTS);
    int twice = number(Answer.NONE);
    account.deadLetter(deadLetter(twice));

    onlyDefect(Defect.DUPLICATE_DEAD_LETTER, twice);
  }

  @Test
  void aFailureWithoutADeadLetterIsFound() {
    acknowledge(REQUESTS);
    int half = number(Answer.FAILED);
    end(0, half);
    account.result(result(half));
    end(half + 1, REQUESTS);

    onlyDefect(Defect.UNDELIVERED, half);
  }

  @Test
  void aResultThatDeviatesInAnythingIsWrong() {
    List<UnaryOperator<Account.Result>> deviations =
        List.of(
            r -> new Account.Result(r.requestId(), r.key(), r.header(), "", Status.EXPIRED, "", ""),
            r ->
                new Account.Result(
                    r.requestId(), r.key(), r.header(), "", Status.FAILED, "IMAGE_UNAVAILABLE", ""),
            r -> new Account.Result(r.requestId(), r.key(), r.header(), "", r.status(), "", "pink"),
            r ->
                new Account.Result(
                    r.requestId(), "key-of-another", r.header(), "", r.status(), "", r.label()),
            r -> new Account.Result(r.requestId(), r.key(), "", "", r.status(), "", r.label()));
    int number = number(Answer.SUCCEEDED);
    for (UnaryOperator<Account.Result> deviation : deviations) {
      Account one = new Account(traffic, nanos::get);
      one.acknowledged(number, 0, 0);
      Account.Result result = deviation.apply(result(number));
      one.result(result);

      assertThat(one.totals().count(Defect.WRONG)).as("%s", result).isEqualTo(1);
    }
  }

  @Test
  void aWrongErrorCodeIsFound() {
    int number = number(Answer.FAILED);
    account.acknowledged(number, 0, 0);
    Account.Result right = result(number);
    account.result(
        new Account.Result(
            right.requestId(), right.key(), right.header(), "", Status.FAILED, "INTERNAL", ""));
    account.deadLetter(deadLetter(number));

    onlyDefect(Defect.WRONG, number);
  }

  @Test
  void aDeadLetterThatIsNotWhatWasSentOrOfWhatSucceededIsWrong() {
    int failed = number(Answer.FAILED);
    int succeeded = number(Answer.SUCCEEDED);
    List.of(failed, succeeded)
        .forEach(number -> {
          account.acknowledged(number, 0, 0);
          account.result(result(number));
        });
    Account.DeadLetter right = deadLetter(failed);
    account.deadLetter(new Account.DeadLetter(right.header(), "", right.code(), false));
    account.deadLetter(
        new Account.DeadLetter(traffic.requestId(succeeded), "", "IMAGE_UNAVAILABLE", true));

    assertThat(account.totals().defects()).containsOnlyKeys(Defect.WRONG).containsValue(2L);
  }

  @Test
  void whatNobodySentIsUnexpected() {
    Traffic others = new Traffic(43, REQUESTS, "http://127.0.0.1:1", true);
    account.result(
        new Account.Result(
            others.requestId(1), "", others.requestId(1), "", Status.SUCCEEDED, "", ""));
    account.deadLetter(new Account.DeadLetter("", "", "INVALID_REQUEST", false));

    assertThat(account.totals().defects()).containsOnlyKeys(Defect.UNEXPECTED).containsValue(2L);
  }

  @Test
  void resultsOfOneKeyInAnotherOrderAreFoundOnce() {
    acknowledge(REQUESTS);
    int early = number(planned -> hasResult(planned) && !planned.key().isEmpty());
    String key = traffic.planned(early).key();
    int late =
        number(
            planned -> planned.number() > early && hasResult(planned) && planned.key().equals(key));
    end(0, early);
    end(late, late + 1);
    end(early, late);
    end(late + 1, REQUESTS);
    account.result(result(early)); // Again: only the first one has a place.

    assertThat(account.totals().defects())
        .containsOnlyKeys(Defect.OUT_OF_ORDER, Defect.DUPLICATE)
        .containsEntry(Defect.OUT_OF_ORDER, 1L);
    assertThat(account.totals().examples(Defect.OUT_OF_ORDER).getFirst())
        .contains(traffic.requestId(early), "after request " + late);
  }

  @Test
  void aStallIsTimeInWhichNothingEndsAlthoughSomethingIsOutstanding() {
    int first = number(Answer.SUCCEEDED);
    int second = number(planned -> planned.number() > first && isSuccess(planned));
    pass(Duration.ofSeconds(100)); // Nothing to do.
    account.acknowledged(first, 0, 0);
    pass(Duration.ofSeconds(3));
    assertThat(account.stalled()).hasSeconds(3);
    account.result(result(first));
    pass(Duration.ofSeconds(50)); // Nothing to do again.
    assertThat(account.stalled()).isZero();
    account.acknowledged(second, 0, 1);
    pass(Duration.ofSeconds(2));
    account.result(result(second));

    assertThat(account.totals().longestStall()).hasSeconds(3);
  }

  @Test
  void whatIsSentAgainMustEndOnceMoreAndThatIsNoDuplicate() {
    acknowledge(REQUESTS);
    end(0, REQUESTS);
    int restored = number(RequestKind.RESTORED);
    int absent = number(RequestKind.ABSENT);
    account.imagesRestored();
    replay(restored, "dead-0@1");
    replay(absent, "dead-0@2");
    replay(restored, "dead-0@3"); // A second dead letter of its own, after a crash.

    assertThat(account.outstanding()).isEqualTo(3);
    endReplay(restored, "dead-0@1");
    endReplay(absent, "dead-0@2");
    endReplay(restored, "dead-0@3");

    assertThat(account.outstanding()).isZero();
    assertThat(account.totals().defects()).isEmpty();
    assertThat(account.totals().replayed()).isEqualTo(3);
    assertThat(account.totals().answeredAfterReplay()).isEqualTo(3);
    assertThat(account.totals().failed()).isEqualTo(count(Answer.FAILED));
    assertThat(account.totals().succeeded()).isEqualTo(count(Answer.SUCCEEDED));
  }

  @Test
  void theResultOfAReplayMayBeReadBeforeItsRequest() {
    acknowledge(REQUESTS);
    end(0, REQUESTS);
    int restored = number(RequestKind.RESTORED);
    endReplay(restored, "dead-0@1");
    assertThat(account.outstanding()).isZero();
    replay(restored, "dead-0@1");

    assertThat(account.outstanding()).isZero();
    assertThat(account.totals().defects()).isEmpty();
  }

  @Test
  void whatIsSentAgainAndDoesNotEndIsMissing() {
    acknowledge(REQUESTS);
    end(0, REQUESTS);
    int restored = number(RequestKind.RESTORED);
    replay(restored, "dead-0@1");
    replay(restored, "dead-0@2");
    pass(Duration.ofSeconds(4));
    assertThat(account.stalled()).hasSeconds(4);
    endReplay(restored, "dead-0@2");

    onlyDefect(Defect.MISSING, restored);
    assertThat(account.totals().examples(Defect.MISSING).getFirst()).contains("dead-0@1");
    assertThat(account.totals().longestStall()).hasSeconds(4);
    pass(Duration.ofSeconds(5));
    endReplay(restored, "dead-0@1");
    assertThat(account.totals().longestStall()).hasSeconds(5);
    assertThat(account.totals().defects()).isEmpty();
  }

  @Test
  void aSecondEndOfOneReplayIsADuplicate() {
    acknowledge(REQUESTS);
    end(0, REQUESTS);
    int absent = number(RequestKind.ABSENT);
    replay(absent, "dead-0@1");
    endReplay(absent, "dead-0@1");
    endReplay(absent, "dead-0@1");

    assertThat(account.totals().defects())
        .containsOnlyKeys(Defect.DUPLICATE, Defect.DUPLICATE_DEAD_LETTER)
        .containsEntry(Defect.DUPLICATE, 1L)
        .containsEntry(Defect.DUPLICATE_DEAD_LETTER, 1L);
  }

  @Test
  void aDeadLetterThatIsSentAgainTwiceIsFound() {
    acknowledge(REQUESTS);
    end(0, REQUESTS);
    int restored = number(RequestKind.RESTORED);
    replay(restored, "dead-0@1");
    replay(restored, "dead-0@1");
    endReplay(restored, "dead-0@1");

    onlyDefect(Defect.REPLAYED_TWICE, restored);
  }

  @Test
  void aReplayThatEndsInAnotherWayThanItMustIsFound() {
    acknowledge(REQUESTS);
    end(0, REQUESTS);
    int restored = number(RequestKind.RESTORED);
    replay(restored, "dead-0@1");
    Account.Result first = result(restored); // As if its image were still absent.
    account.result(
        new Account.Result(
            first.requestId(),
            first.key(),
            first.header(),
            "dead-0@1",
            first.status(),
            first.code(),
            first.label()));

    assertThat(account.totals().defects())
        .containsOnlyKeys(Defect.WRONG, Defect.UNDELIVERED)
        .containsEntry(Defect.WRONG, 1L);
  }

  @Test
  void theEndOfAReplayThatNobodySentIsUnexpected() {
    acknowledge(REQUESTS);
    end(0, REQUESTS);
    int restored = number(RequestKind.RESTORED);
    replay(restored, "dead-0@1");
    endReplay(restored, "dead-0@9");
    endReplay(restored, "dead-0@1");

    onlyDefect(Defect.UNEXPECTED, restored);
  }

  @Test
  void aDeadLetterThatShouldHaveBeenSentAgainIsMissingOnceTheReplayIsOver() {
    acknowledge(REQUESTS);
    end(0, REQUESTS);
    int[] restored = traffic.restored().toArray();
    for (int i = 1; i < restored.length; i++) {
      replay(restored[i], "dead-0@" + i);
      endReplay(restored[i], "dead-0@" + i);
    }
    assertThat(account.totals().defects()).isEmpty();
    account.replayFinished();

    onlyDefect(Defect.MISSING, restored[0]);
  }

  @Test
  void theReplayIsDueOnceAllHaveEndedWhoseImagesArePutInPlace() {
    int[] restored = traffic.restored().toArray();
    int last = restored[restored.length - 1];
    acknowledge(REQUESTS);
    end(0, last);
    assertThat(account.isReadyForReplay()).isFalse();
    account.result(result(last));
    assertThat(account.isReadyForReplay()).isFalse();
    account.deadLetter(deadLetter(last));
    assertThat(account.isReadyForReplay()).isTrue();
  }

  @Test
  void whatIsDoneAgainAfterACrashMayMeetTheImageThatWasAbsentBefore() {
    acknowledge(REQUESTS);
    end(0, REQUESTS);
    int restored = number(RequestKind.RESTORED);
    Account.Result replayed = resultOfReplay(restored, "");
    account.imagesRestored();
    account.result(replayed);
    onlyDefect(Defect.DUPLICATE, restored);
  }

  @Test
  void beforeThatASuccessOfWhatMustFailIsWrong() {
    acknowledge(REQUESTS);
    int restored = number(RequestKind.RESTORED);
    account.imagesRestored();
    account.result(resultOfReplay(restored, "")); // Its first.

    assertThat(account.totals().count(Defect.WRONG)).isEqualTo(1);
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  private void onlyDefect(Defect defect, int number) {
    assertThat(account.totals().defects()).containsOnlyKeys(defect).containsEntry(defect, 1L);
    assertThat(account.totals().examples(defect))
        .singleElement()
        .asString()
        .contains(traffic.requestId(number));
  }

  private void acknowledge(int count) {
    IntStream.range(0, count).forEach(number -> account.acknowledged(number, 3, number));
  }

  /** Ends some requests in order, as they must end. */
  private void end(int from, int to) {
    for (int number = from; number < to; number++) {
      RequestKind.Ending ending = traffic.planned(number).kind().ending();
      List<Consumer<Integer>> steps = new ArrayList<>();
      if (ending.isDeadLetter()) {
        steps.add(dead -> account.deadLetter(deadLetter(dead)));
      }
      if (ending.hasResult()) {
        steps.add(ended -> account.result(result(ended)));
      }
      for (Consumer<Integer> step : steps) {
        step.accept(number);
      }
    }
  }

  private Account.Result result(int number) {
    Planned planned = traffic.planned(number);
    RequestKind.Ending ending = planned.kind().ending();
    String id = traffic.requestId(number);
    return new Account.Result(
        id,
        planned.resultKey(id),
        id,
        "",
        Status.valueOf(ending.answer().name()),
        ending.code(),
        ending.answer() == Answer.SUCCEEDED ? planned.color() : "");
  }

  private Account.DeadLetter deadLetter(int number) {
    return new Account.DeadLetter(
        traffic.requestId(number), "", traffic.planned(number).kind().ending().code(), true);
  }

  private void replay(int number, String from) {
    account.replayed(traffic.requestId(number), from);
  }

  /** As it must end when it is sent again. */
  private void endReplay(int number, String from) {
    RequestKind.Ending ending = traffic.planned(number).kind().endingAfterReplay();
    if (ending.isDeadLetter()) {
      account.deadLetter(
          new Account.DeadLetter(traffic.requestId(number), from, ending.code(), true));
    }
    account.result(resultOfReplay(number, from));
  }

  private Account.Result resultOfReplay(int number, String from) {
    Planned planned = traffic.planned(number);
    RequestKind.Ending ending = planned.kind().endingAfterReplay();
    String id = traffic.requestId(number);
    return new Account.Result(
        id,
        planned.resultKey(id),
        id,
        from,
        Status.valueOf(ending.answer().name()),
        ending.code(),
        ending.answer() == Answer.SUCCEEDED ? planned.color() : "");
  }

  private int number(RequestKind kind) {
    return number(planned -> planned.kind() == kind);
  }

  private int number(Answer answer) {
    return number(planned -> planned.kind().ending().answer() == answer);
  }

  private int number(Predicate<Planned> wanted) {
    return IntStream.range(100, REQUESTS)
        .filter(number -> wanted.test(traffic.planned(number)))
        .findFirst()
        .orElseThrow();
  }

  private static boolean hasResult(Planned planned) {
    return planned.kind().ending().hasResult();
  }

  private static boolean isSuccess(Planned planned) {
    return planned.kind().ending().answer() == Answer.SUCCEEDED;
  }

  private long count(Answer answer) {
    return IntStream.range(0, REQUESTS)
        .filter(number -> traffic.planned(number).kind().ending().answer() == answer)
        .count();
  }
}

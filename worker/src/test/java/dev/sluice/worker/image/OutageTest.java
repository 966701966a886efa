package dev.sluice.worker.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.worker.model.Attempt;
import dev.sluice.worker.model.ByteBudget;
import dev.sluice.worker.model.Deadline;
import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.ImageSource;
import dev.sluice.worker.model.ImageTask;
import dev.sluice.worker.model.Integrity;
import dev.sluice.worker.model.ModelSelector;
import dev.sluice.worker.model.Position;
import dev.sluice.worker.model.RecordedParking;
import dev.sluice.worker.model.TaskException;
import java.io.IOException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is down for everybody is waited for; what fails alone fails. */
@Timeout(30)
class OutageTest {
  private static final byte[] IMAGE = "an image".getBytes(StandardCharsets.UTF_8);
  private static final RawServer.Behaviour SERVES =
      connection -> connection.write("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n").write(IMAGE);
  private static final RawServer.Behaviour FAILS = status(500, "");

  /** Requests that have to fail before an origin is down. */
  private static final int ENOUGH = 5;

  /** Requests to one origin. */
  private static final int AT_ONCE = 8;

  private static final Duration REST = Duration.ofSeconds(10);
  private static final FetchSettings.Retries RETRIES =
      new FetchSettings.Retries(3, Duration.ofSeconds(20), Duration.ofMillis(10));

  private final SteppedTime time = new SteppedTime();
  private final ByteBudget budget = new ByteBudget(1 << 20);
  private final RawServer server = new RawServer();
  private final RawServer other = new RawServer();
  private final List<Fetching> begun = new ArrayList<>();

  @TempDir private Path folder;

  @AfterEach
  void nothingIsLeftBehind() throws IOException, InterruptedException {
    begun.forEach(each -> each.thread().interrupt());
    // A result is there before its image is closed.
    for (Fetching each : begun) {
      assertThat(each.thread().join(Duration.ofSeconds(10))).as(each.uri()).isTrue();
    }
    assertThat(begun).allMatch(Fetching::isDone).noneMatch(Fetching::isParked);
    assertThat(budget.inUse()).isZero();
    server.close();
    other.close();
  }

  /** Looks often: nearly all that is waited for here takes no time. */
  private static ConditionFactory await() {
    return Awaitility.await().pollInterval(Duration.ofMillis(2));
  }

  private record Fetching(
      String uri, Thread thread, RecordedParking parking, CompletableFuture<byte[]> result) {
    boolean isParked() {
      return parking.isParked();
    }

    /** Whether it stands in the queue of those that wait: it is parked a moment before. */
    boolean isQueued() {
      return isParked() && thread.getState() == Thread.State.TIMED_WAITING;
    }

    boolean isDone() {
      return result.isDone();
    }

    byte[] get() throws ExecutionException, InterruptedException, TimeoutException {
      return result.get(10, TimeUnit.SECONDS);
    }

    TaskException failure() {
      return Objects.requireNonNull(
          (TaskException)
              result.orTimeout(10, TimeUnit.SECONDS).handle((_, thrown) -> thrown).join(),
          uri + " arrived");
    }
  }

  private FetchSettings settings(FetchSettings.Retries retries, Duration outageLimit) {
    return settings(Duration.ofSeconds(20), retries, outageLimit);
  }

  private FetchSettings settings(
      Duration timeout, FetchSettings.Retries retries, Duration outageLimit) {
    return new FetchSettings(
        new FetchSettings.Limits(100_000, timeout, Duration.ofSeconds(1), 3, 50, AT_ONCE, 50),
        new FetchSettings.Addresses(
            List.of("http://127.0.0.1:*", "http://*:*", "s3://photos"), List.of(), false),
        List.of(folder),
        retries,
        new FetchSettings.Breaker(10, ENOUGH, 50, REST, outageLimit, 3),
        new S3Settings(
            server.url(""), "", true, new S3Settings.Credentials.Static("id", "secret")));
  }

  private ImageFetcher fetcher() {
    return fetcher(settings(RETRIES, Duration.ofHours(1)), time);
  }

  private ImageFetcher fetcher(FetchSettings settings, InstantSource clock) {
    NameResolver nowhere =
        host -> {
          throw new UnknownHostException(host);
        };
    return new ImageFetcher(settings, budget, clock, nowhere, time);
  }

  private Fetching start(ImageFetcher fetcher, String uri) {
    return start(fetcher, uri, new Deadline.None());
  }

  private Fetching start(ImageFetcher fetcher, String uri, Deadline deadline) {
    return start(fetcher, uri, deadline, new Attempt.First());
  }

  private Fetching start(ImageFetcher fetcher, String uri, Deadline deadline, Attempt attempt) {
    RecordedParking parking = new RecordedParking();
    CompletableFuture<byte[]> result = new CompletableFuture<>();
    ImageTask task =
        new ImageTask(
            new Position("requests", 0, 0, 0),
            "id",
            new ImageSource.Remote(uri),
            new Integrity.Unchecked(),
            new ModelSelector("model", new ModelSelector.Version.Serving()),
            Map.of(),
            deadline,
            Map.of(),
            Instant.EPOCH,
            attempt);
    Thread thread =
        Thread.startVirtualThread(() -> {
          try (FetchedImage image = fetcher.fetch(task, 100, parking)) {
            result.complete(image.bytes());
          } catch (InterruptedException | RuntimeException e) {
            result.completeExceptionally(e);
          }
        });
    Fetching fetching = new Fetching(uri, thread, parking, result);
    begun.add(fetching);
    return fetching;
  }

  private List<Fetching> start(ImageFetcher fetcher, int count, String prefix) {
    return IntStream.range(0, count).mapToObj(i -> start(fetcher, prefix + i)).toList();
  }

  /** So many requests that wait for an origin, which others have just found to be down. */
  private List<Fetching> parked(ImageFetcher fetcher, int count, String prefix) {
    List<Fetching> finders = start(fetcher, ENOUGH, prefix + "finder");
    await().until(() -> finders.stream().allMatch(each -> each.isParked() || each.isDone()));
    assertThat(finders).anyMatch(Fetching::isParked);
    finders.forEach(each -> each.thread().interrupt());
    await().until(() -> finders.stream().allMatch(Fetching::isDone));
    List<Fetching> fetching = start(fetcher, count, prefix);
    await().until(() -> fetching.stream().allMatch(Fetching::isQueued));
    return fetching;
  }

  private static void assertAllArrive(Collection<Fetching> fetching) throws Exception {
    for (Fetching each : fetching) {
      assertThat(each.get()).isEqualTo(IMAGE);
      assertThat(each.isParked()).isFalse();
    }
  }

  private static OriginState state(ImageFetcher fetcher, String origin) {
    return Objects.requireNonNull(fetcher.origins().get(origin), "no such origin");
  }

  private static RawServer.Behaviour status(int status, String headers) {
    return connection ->
        connection.write("HTTP/1.1 " + status + " So\r\n" + headers + "Content-Length: 0\r\n\r\n");
  }

  private static String path(String head) {
    return head.split(" ", 3)[1];
  }

  /** Pause on breaker: without it these requests fail within a second. */
  @ParameterizedTest
  @ValueSource(strings = {"status 500", "reset", "status 429"})
  void whoNeedsAnOriginThatIsDownWaitsAndTheOthersGoOn(String how) throws Exception {
    server.always(
        switch (how) {
          case "reset" -> RawServer.Connection::reset;
          case "status 500" -> FAILS;
          default -> status(429, "");
        });
    other.always(SERVES);
    try (ImageFetcher fetcher = fetcher()) {
      List<Fetching> waiting = parked(fetcher, 30, server.url("/"));
      int asked = server.requests().size();

      assertThat(state(fetcher, server.url("")))
          .isEqualTo(new OriginState(BreakerState.OPEN, time.instant(), 30));
      assertAllArrive(start(fetcher, 30, other.url("/")));
      assertThat(state(fetcher, other.url("")).breaker()).isEqualTo(BreakerState.CLOSED);
      time.advance(REST.minusMillis(1));
      assertThat(state(fetcher, server.url("")).breaker()).isEqualTo(BreakerState.OPEN);
      assertThat(waiting).noneMatch(Fetching::isDone).allMatch(Fetching::isParked);
      assertThat(server.requests()).hasSize(asked);

      server.always(SERVES);
      time.advance(Duration.ofMillis(1));

      assertAllArrive(waiting);
      assertThat(waiting)
          .allSatisfy(each -> assertThat(each.parking().waitedFor()).contains(server.url("")));
      assertThat(state(fetcher, server.url("")))
          .isEqualTo(new OriginState(BreakerState.CLOSED, time.instant(), 0));
    }
  }

  /** Of thousands that want something of an origin a few ask at once, and the others wait. */
  @Test
  void whoWaitsForATurnAsAnOriginGoesDownDoesNotAskIt() throws Exception {
    CountDownLatch down = new CountDownLatch(1);
    server.always(connection -> {
      down.await();
      FAILS.serve(connection);
    });
    try (ImageFetcher fetcher = fetcher()) {
      List<Fetching> waiting = start(fetcher, 5 * AT_ONCE, server.url("/"));
      await().until(() -> server.requests().size() == AT_ONCE);
      down.countDown();
      await().until(() -> waiting.stream().allMatch(Fetching::isParked));
      // What comes to its turn before enough have failed asks, too.
      assertThat(server.requests()).hasSizeLessThan(2 * AT_ONCE + ENOUGH);

      server.always(SERVES);
      time.advance(REST);
      assertAllArrive(waiting);
    }
  }

  /** Who fails as the origin is found to be down has not failed; who failed before has. */
  @Test
  void theAttemptThatFindsAnOriginDownDoesNotCount() throws Exception {
    server.always(FAILS);
    FetchSettings.Retries none =
        new FetchSettings.Retries(1, Duration.ofSeconds(1), Duration.ofMillis(1));
    try (ImageFetcher fetcher = fetcher(settings(none, Duration.ofHours(1)), time)) {
      List<Fetching> all = new ArrayList<>();
      for (int i = 1; i < ENOUGH; i++) {
        Fetching early = start(fetcher, server.url("/" + i));
        assertThat(early.failure()).hasMessageContaining("status 500");
        all.add(early);
      }
      Fetching last = start(fetcher, server.url("/last"));
      await().until(last::isParked);

      server.always(SERVES);
      time.advance(REST);

      assertAllArrive(List.of(last));
      assertThat(all).noneMatch(each -> each.parking().waitedFor().contains(server.url("")));
    }
  }

  @Test
  void whoIsAboutToTryAgainInPlaceWaitsToo() throws Exception {
    // All are under way before the first one fails, and all have failed before it has tried twice
    // more, so that none has used up its attempts by then.
    CountDownLatch underWay = new CountDownLatch(ENOUGH);
    server.always(connection -> {
      underWay.countDown();
      underWay.await();
      FAILS.serve(connection);
    });
    FetchSettings.Retries slow =
        new FetchSettings.Retries(3, Duration.ofSeconds(20), Duration.ofSeconds(1));
    try (ImageFetcher fetcher = fetcher(settings(slow, Duration.ofHours(1)), time)) {
      List<Fetching> all = start(fetcher, ENOUGH, server.url("/"));
      await().until(() -> all.stream().allMatch(Fetching::isParked));
      assertThat(server.requests()).hasSizeLessThan(2 * ENOUGH);

      server.always(SERVES);
      time.advance(REST);

      assertAllArrive(all);
    }
  }

  @Test
  void aTrialThatFailsCostsNoAttemptAndTheNextIsAnothers() throws Exception {
    server.always(FAILS);
    try (ImageFetcher fetcher = fetcher()) {
      List<Fetching> waiting = parked(fetcher, 12, server.url("/"));
      Instant downSince = time.instant();
      int asked = server.requests().size();

      for (int trial = 1; trial <= 12; trial++) {
        int expected = asked + trial;
        time.advance(REST);
        await()
            .until(() ->
                server.requests().size() == expected
                    && waiting.stream().allMatch(Fetching::isQueued)
                    && state(fetcher, server.url("")).breaker() == BreakerState.OPEN);
      }

      assertThat(server.requests().subList(asked, asked + 12))
          .extracting(OutageTest::path)
          .as("who made the trials")
          .doesNotHaveDuplicates();
      assertThat(state(fetcher, server.url("")).since()).isEqualTo(downSince);
      server.always(SERVES);
      time.advance(REST);
      assertAllArrive(waiting);
    }
  }

  /** Otherwise it would wait, try and wait for as long as images.outage_limit, a day. */
  @Test
  void aRequestThatIsAloneAndFailsAgainAndAgainFails() throws Exception {
    server.always(FAILS);
    try (ImageFetcher fetcher = fetcher()) {
      Fetching alone = parked(fetcher, 1, server.url("/bad")).getFirst();
      int trials = 0;
      while (!alone.isDone()) {
        int asked = server.requests().size();
        time.advance(REST);
        trials++;
        await().until(() -> server.requests().size() > asked);
        await().until(() -> alone.isDone() || (alone.isParked() && isOpen(fetcher)));
      }
      assertThat(trials).isEqualTo(3);
      assertThat(alone.failure())
          .isInstanceOfSatisfying(
              TaskException.class,
              each -> assertThat(each.code()).isEqualTo(ErrorCode.IMAGE_UNAVAILABLE))
          .hasMessageContaining("status 500");
    }
  }

  private boolean isOpen(ImageFetcher fetcher) {
    return state(fetcher, server.url("")).breaker() == BreakerState.OPEN;
  }

  /** A trial whose request goes away is made by another, else all would wait for ever. */
  @Test
  void aTrialThatIsGivenUpIsMadeByTheNext() throws Exception {
    server.always(FAILS);
    try (ImageFetcher fetcher = fetcher()) {
      List<Fetching> waiting = parked(fetcher, 6, server.url("/"));
      CountDownLatch asked = new CountDownLatch(1);
      server.always(connection -> {
        asked.countDown();
        connection.awaitEnd();
      });
      time.advance(REST);
      // Else the trial itself could be served.
      assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();
      List<Fetching> trying = waiting.stream().filter(each -> !each.isParked()).toList();
      assertThat(trying).hasSize(1);
      Fetching first = trying.getFirst();

      server.always(SERVES);
      first.thread().interrupt();

      assertThatThrownBy(first::get).hasCauseInstanceOf(InterruptedException.class);
      assertAllArrive(waiting.stream().filter(each -> !each.equals(first)).toList());
    }
  }

  /** Ten failures of one request say what one says. */
  @Test
  void oneRequestThatFailsAgainAndAgainDoesNotStopTheOthers() {
    server.always(FAILS);
    FetchSettings.Retries many =
        new FetchSettings.Retries(10, Duration.ofSeconds(20), Duration.ofMillis(1));
    try (ImageFetcher fetcher = fetcher(settings(many, Duration.ofHours(1)), time)) {
      Fetching poison = start(fetcher, server.url("/poison"));

      assertThat(poison.failure().code()).isEqualTo(ErrorCode.IMAGE_UNAVAILABLE);
      assertThat(poison.failure()).hasMessageContaining("status 500");
      assertThat(server.requests()).hasSize(10);
      assertThat(poison.parking().waitedFor()).isEmpty();
      assertThat(state(fetcher, server.url("")).breaker()).isEqualTo(BreakerState.CLOSED);
    }
  }

  @Test
  void aBadRequestAmongThoseThatWaitFailsAloneWhenTheOriginIsBack() throws Exception {
    server.always(FAILS);
    try (ImageFetcher fetcher = fetcher()) {
      List<Fetching> waiting = parked(fetcher, 8, server.url("/good"));
      Fetching poison = start(fetcher, server.url("/poison"));
      await().until(poison::isParked);

      server.always(connection -> {
        boolean bad = path(connection.head()).equals("/poison");
        (bad ? FAILS : SERVES).serve(connection);
      });
      await()
          .until(() -> {
            time.advance(REST);
            return waiting.stream().allMatch(Fetching::isDone) && poison.isDone();
          });

      assertAllArrive(waiting);
      assertThat(poison.failure()).hasMessageContaining("status 500");
      assertThat(state(fetcher, server.url("")).breaker()).isEqualTo(BreakerState.CLOSED);
    }
  }

  /** So many bad requests that have found an origin to be down, and one that came behind them. */
  private List<Fetching> outageFoundByBadRequests(ImageFetcher fetcher) {
    server.always(FAILS);
    List<Fetching> bad = start(fetcher, ENOUGH, server.url("/bad"));
    await().until(() -> bad.stream().allMatch(Fetching::isQueued));
    Fetching good = start(fetcher, server.url("/good"));
    await().until(good::isQueued);
    server.always(connection -> {
      boolean isBad = path(connection.head()).startsWith("/bad");
      (isBad ? FAILS : SERVES).serve(connection);
    });
    return Stream.concat(bad.stream(), Stream.of(good)).toList();
  }

  /** Who fails there first has attempts left when the last of them fails. */
  private ImageFetcher slowToTryAgain() {
    return fetcher(
        settings(
            new FetchSettings.Retries(3, Duration.ofSeconds(20), Duration.ofSeconds(1)),
            Duration.ofHours(1)),
        time);
  }

  /** Else an origin that is well would be left alone for a trial of each of them. */
  @Test
  void theTrialIsMadeByOneThatHasNotFailedThereYet() throws Exception {
    try (ImageFetcher fetcher = slowToTryAgain()) {
      List<Fetching> all = outageFoundByBadRequests(fetcher);

      time.advance(REST);

      assertAllArrive(List.of(all.getLast()));
    }
  }

  /**
   * Else each of them would need some trials, one after the other, until any of them is answered.
   */
  @Test
  void badRequestsThatAreAloneDoNotKeepAnOriginDownThatIsWell() throws Exception {
    try (ImageFetcher fetcher = slowToTryAgain()) {
      server.always(SERVES);
      assertAllArrive(List.of(start(fetcher, server.url("/good"))));
      server.always(connection -> {
        boolean isBad = path(connection.head()).startsWith("/bad");
        (isBad ? FAILS : SERVES).serve(connection);
      });
      List<Fetching> bad = start(fetcher, 2 * ENOUGH, server.url("/bad"));
      await().until(() -> bad.stream().allMatch(Fetching::isParked));

      int trials = 0;
      while (!bad.stream().allMatch(Fetching::isDone)) {
        int asked = server.requests().size();
        time.advance(REST);
        trials++;
        await().until(() -> server.requests().size() > asked);
        await()
            .until(() ->
                bad.stream()
                    .allMatch(each -> each.isDone() || (each.isParked() && isOpen(fetcher))));
      }

      // After the first those fail for the first time that had only waited so far.
      assertThat(trials).isLessThanOrEqualTo(2);
      for (Fetching each : bad) {
        assertThat(each.failure()).hasMessageContaining("status 500");
      }
    }
  }

  /** What was answered once may be what is bad now: the trial is made all the same. */
  @Test
  void whatWasAnsweredBeforeNeedNotBeAnsweredAgain() throws Exception {
    try (ImageFetcher fetcher = slowToTryAgain()) {
      server.always(SERVES);
      assertAllArrive(List.of(start(fetcher, server.url("/once"))));
      server.always(FAILS);
      List<Fetching> waiting = parked(fetcher, 3, server.url("/good"));
      server.always(connection -> {
        boolean isBad = path(connection.head()).startsWith("/once");
        (isBad ? FAILS : SERVES).serve(connection);
      });

      time.advance(REST);

      assertAllArrive(waiting);
    }
  }

  /** The bad ones stay while the good come and go: after an outage they are the majority. */
  @Test
  void badRequestsThatComeThroughAnOutageTogetherDoNotBeginTheNext() throws Exception {
    try (ImageFetcher fetcher = slowToTryAgain()) {
      List<Fetching> all = outageFoundByBadRequests(fetcher);

      time.advance(REST);

      assertAllArrive(List.of(all.getLast()));
      for (Fetching bad : all.subList(0, ENOUGH)) {
        assertThat(bad.failure()).hasMessageContaining("status 500");
      }
      assertThat(state(fetcher, server.url("")).breaker()).isEqualTo(BreakerState.CLOSED);
      assertAllArrive(start(fetcher, 3, server.url("/good")));
    }
  }

  /** What failed in an earlier attempt, while others got their answers, is itself to blame. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void laterAttemptsSayNothingOfAnOriginThatHasAnsweredOthersMeanwhile(boolean answersOthers)
      throws Exception {
    server.always(SERVES);
    other.always(SERVES);
    Instant failed = time.instant();
    time.advance(Duration.ofSeconds(1));
    FetchSettings.Retries none =
        new FetchSettings.Retries(1, Duration.ofSeconds(1), Duration.ofMillis(1));
    try (ImageFetcher fetcher = fetcher(settings(none, Duration.ofHours(1)), time)) {
      Fetching healthy = start(fetcher, (answersOthers ? server : other).url("/good"));
      assertAllArrive(List.of(healthy));
      server.always(FAILS);

      List<Fetching> again =
          IntStream.range(0, 2 * ENOUGH)
              .mapToObj(i ->
                  start(
                      fetcher,
                      server.url("/" + i),
                      new Deadline.None(),
                      new Attempt.Again(2, 0, failed)))
              .toList();

      await().until(() -> again.stream().allMatch(each -> each.isDone() || each.isParked()));
      assertThat(state(fetcher, server.url("")).breaker())
          .isEqualTo(answersOthers ? BreakerState.CLOSED : BreakerState.OPEN);
    }
  }

  /** What a hanging origin took of the fetch's time is given back after the outage. */
  @Test
  void anOutageDoesNotCountAgainstTheTimeout() throws Exception {
    server.always(RawServer.Connection::awaitEnd);
    FetchSettings hasty = settings(Duration.ofSeconds(3), RETRIES, Duration.ofHours(1));
    try (ImageFetcher fetcher = fetcher(hasty, time)) {
      List<Fetching> all = start(fetcher, 20, server.url("/"));
      await().until(() -> all.stream().allMatch(each -> each.isParked() || each.isDone()));
      List<Fetching> waiting = all.stream().filter(Fetching::isParked).toList();
      // Those whose time ended before enough had failed go the way of any failure; how many may be
      // judging theirs at that moment is the scheduler's to say.
      assertThat(waiting).isNotEmpty();

      server.always(SERVES);
      time.advance(REST);

      assertAllArrive(waiting);
    }
  }

  @Test
  void theDeadlineEndsTheWaitOnTime() {
    server.always(FAILS);
    try (ImageFetcher fetcher =
        fetcher(settings(RETRIES, Duration.ofHours(1)), InstantSource.system())) {
      List<Fetching> waiting = parked(fetcher, ENOUGH, server.url("/"));
      Instant deadline = Instant.now().plusSeconds(3);
      Fetching late = start(fetcher, server.url("/late"), new Deadline.At(deadline));

      // Nothing else ends its wait: no trial is made, and the outage may last an hour.
      TaskException failure = late.failure();

      assertThat(failure.code()).isEqualTo(ErrorCode.DEADLINE_EXCEEDED);
      assertThat(failure).hasMessageContaining(server.url(""));
      assertThat(late.parking().waitedFor()).containsExactly(server.url(""));
      assertThat(Instant.now()).isAfterOrEqualTo(deadline);
      assertThat(waiting).noneMatch(Fetching::isDone);
    }
  }

  @Test
  void anInterruptEndsTheWait() {
    server.always(FAILS);
    try (ImageFetcher fetcher = fetcher()) {
      List<Fetching> waiting = parked(fetcher, ENOUGH, server.url("/"));

      waiting.getFirst().thread().interrupt();

      assertThatThrownBy(waiting.getFirst()::get).hasCauseInstanceOf(InterruptedException.class);
      assertThat(waiting.getFirst().isParked()).isFalse();
      assertThat(state(fetcher, server.url("")).waiting()).isEqualTo(ENOUGH - 1);
    }
  }

  @Test
  void theWaitHasALimit() {
    server.always(FAILS);
    try (ImageFetcher fetcher =
        fetcher(settings(RETRIES, Duration.ofMillis(300)), InstantSource.system())) {
      List<Fetching> finders = start(fetcher, ENOUGH, server.url("/finder"));
      await().until(() -> finders.stream().allMatch(Fetching::isDone));
      int asked = server.requests().size();

      for (Fetching each : start(fetcher, ENOUGH, server.url("/"))) {
        assertThat(each.failure().code()).isEqualTo(ErrorCode.IMAGE_UNAVAILABLE);
        assertThat(each.failure()).hasMessageContaining("images.outage_limit");
      }
      assertThat(server.requests()).hasSize(asked);
    }
  }

  /** A request that went through a retry topic meanwhile has waited since its trouble began. */
  @Test
  void theLimitOfTheWaitCountsFromTheFirstFailure() throws Exception {
    server.always(FAILS);
    try (ImageFetcher fetcher = fetcher()) {
      List<Fetching> waiting = parked(fetcher, 1, server.url("/"));
      Instant hourAgo = time.instant().minus(Duration.ofHours(1));
      Fetching old =
          start(fetcher, server.url("/old"), new Deadline.None(), new Attempt.Again(1, 0, hourAgo));
      Fetching younger =
          start(
              fetcher,
              server.url("/younger"),
              new Deadline.None(),
              new Attempt.Again(1, 0, hourAgo.plusSeconds(60)));

      assertThat(old.failure()).hasMessageContaining("images.outage_limit");
      assertThat(old.parking().waitedFor()).isEmpty();
      await().until(younger::isParked);

      server.always(SERVES);
      time.advance(REST);

      assertAllArrive(List.of(waiting.getFirst(), younger));
    }
  }

  /** The place that a redirect leads to has a breaker of its own. */
  @Test
  void aRedirectWaitsForWhereItLeads() throws Exception {
    other.always(connection ->
        connection.write(
            "HTTP/1.1 302 So\r\nContent-Length: 0\r\nLocation: "
                + server.url("/signed?at=now")
                + "\r\n\r\n"));
    server.always(FAILS);
    try (ImageFetcher fetcher = fetcher()) {
      List<Fetching> waiting = parked(fetcher, 8, other.url("/"));
      assertThat(state(fetcher, other.url("")))
          .isEqualTo(new OriginState(BreakerState.CLOSED, time.instant(), 0));
      assertThat(state(fetcher, server.url("")).waiting()).isEqualTo(8);

      // What was signed before the outage has run out since.
      other.always(connection ->
          connection.write(
              "HTTP/1.1 302 So\r\nContent-Length: 0\r\nLocation: "
                  + server.url("/signed?at=later")
                  + "\r\n\r\n"));
      server.always(connection -> {
        boolean old = path(connection.head()).endsWith("now");
        (old ? status(403, "") : SERVES).serve(connection);
      });
      time.advance(REST);

      assertAllArrive(waiting);
    }
  }

  @Test
  void anOriginThatIsWaitedForIsNotForgotten() throws Exception {
    server.always(FAILS);
    try (ImageFetcher fetcher = fetcher()) {
      List<Fetching> waiting = parked(fetcher, ENOUGH, server.url("/"));
      for (int i = 0; i < 10; i++) {
        start(fetcher, "http://h" + i + ".example/").failure();
      }
      assertThat(fetcher.origins()).hasSize(3);
      assertThat(state(fetcher, server.url("")).breaker()).isEqualTo(BreakerState.OPEN);

      server.always(SERVES);
      time.advance(REST);

      assertAllArrive(waiting);
    }
  }

  @Test
  void anOriginThatAsksForAMomentGetsIt() throws Exception {
    FetchSettings.Retries patient =
        new FetchSettings.Retries(3, Duration.ofSeconds(20), Duration.ofMillis(1));
    server.answer(status(503, "Retry-After: 1\r\n"));
    server.always(SERVES);
    try (ImageFetcher fetcher = fetcher(settings(patient, Duration.ofHours(1)), time)) {
      long begin = System.nanoTime();
      assertThat(start(fetcher, server.url("/a")).get()).isEqualTo(IMAGE);
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofSeconds(1));
      assertThat(server.requests()).hasSize(2);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"http", "s3"})
  void anOriginThatAsksForMoreIsNotAskedAgainInPlace(String kind) {
    server.always(status(kind.equals("s3") ? 503 : 429, "Retry-After: 60\r\n"));
    try (ImageFetcher fetcher = fetcher()) {
      Fetching fetching =
          start(fetcher, kind.equals("s3") ? "s3://photos/a.jpg" : server.url("/a"));

      assertThat(fetching.failure().code()).isEqualTo(ErrorCode.IMAGE_UNAVAILABLE);
      assertThat(fetching.failure().retryAfter()).isEqualTo(Duration.ofSeconds(60));
      assertThat(fetching.failure()).hasMessageContaining("60 s");
      assertThat(server.requests()).hasSize(1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"soon", "-1", "Fri, 20 Nov 2020 10:00:00 GMT"})
  void nonsenseAboutWhenToComeBackIsNotHeeded(String value) throws Exception {
    server.answer(status(503, "Retry-After: " + value + "\r\n"));
    server.always(SERVES);
    try (ImageFetcher fetcher = fetcher()) {
      assertThat(start(fetcher, server.url("/a")).get()).isEqualTo(IMAGE);
    }
  }

  /** For all of them, but no longer than five minutes, whatever it says. */
  @Test
  void anOriginThatIsDownIsLeftAloneForAsLongAsItAsks() throws Exception {
    server.always(status(429, "Retry-After: 999999999\r\n"));
    try (ImageFetcher fetcher = fetcher()) {
      List<Fetching> waiting = parked(fetcher, 3, server.url("/"));
      int asked = server.requests().size();
      server.always(SERVES);

      time.advance(Duration.ofMinutes(5).minusMillis(1));
      assertThat(state(fetcher, server.url("")).breaker()).isEqualTo(BreakerState.OPEN);
      assertThat(server.requests()).hasSize(asked);
      time.advance(Duration.ofMillis(1));

      assertAllArrive(waiting);
    }
  }

  @Test
  void aBucketThatIsDownIsWaitedFor() throws Exception {
    server.always(FAILS);
    try (ImageFetcher fetcher = fetcher()) {
      List<Fetching> waiting = parked(fetcher, 8, "s3://photos/");
      assertThat(state(fetcher, "s3://photos").waiting()).isEqualTo(8);

      server.always(SERVES);
      time.advance(REST);

      assertAllArrive(waiting);
    }
  }

  /** Storage that is not mounted leaves an empty folder; its files are not gone for good. */
  @Test
  void aFileRootThatIsGoneIsWaitedFor() throws Exception {
    try (ImageFetcher fetcher = fetcher()) {
      List<Fetching> waiting = parked(fetcher, 8, "file://" + folder + "/");

      for (int i = 0; i < 8; i++) {
        Files.write(folder.resolve(Integer.toString(i)), IMAGE);
      }
      time.advance(REST);

      assertAllArrive(waiting);
      assertThat(start(fetcher, "file://" + folder + "/none").failure().code())
          .isEqualTo(ErrorCode.IMAGE_NOT_FOUND);
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      assertThat(start(fetcher, "file://" + folder + "/0").failure())
          .hasMessageContaining("mounted");
    }
  }
}

package dev.sluice.worker.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.worker.model.Attempt;
import dev.sluice.worker.model.ByteBudget;
import dev.sluice.worker.model.ByteBudget.Reservation;
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
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ImageFetcherTest {
  private static final byte[] IMAGE =
      "these bytes stand for an image".getBytes(StandardCharsets.UTF_8);
  private static final long RENDITIONS = 1000;
  private static final long CAPACITY = 1 << 20;

  /** The timeout where a server never has done. */
  private static final Duration SHORT = Duration.ofMillis(500);

  private final ByteBudget budget = new ByteBudget(CAPACITY);
  private final RawServer server = new RawServer();
  private final InstantSource clock = () -> Instant.parse("2026-11-20T00:00:00Z");

  @TempDir private Path folder;

  @AfterEach
  void nothingStaysReserved() throws IOException {
    server.close();
    assertThat(budget.inUse()).isZero();
  }

  /** With limits that only a test that means them reaches. */
  private FetchSettings settings(String... allow) {
    return settings(Duration.ofHours(1), allow);
  }

  private FetchSettings settings(Duration timeout, String... allow) {
    return new FetchSettings(
        new FetchSettings.Limits(100_000, timeout, Duration.ofSeconds(1), 3, 8, 4, 10),
        new FetchSettings.Addresses(List.of(allow), List.of(), false),
        List.of(),
        new FetchSettings.Retries(3, Duration.ofHours(1), Duration.ofMillis(10)),
        new FetchSettings.Breaker(10, 5, 50, Duration.ofSeconds(10), Duration.ofHours(1), 3),
        S3Settings.defaults());
  }

  private FetchSettings local() {
    return local(Duration.ofHours(1));
  }

  private FetchSettings local(Duration timeout) {
    return settings(timeout, "http://127.0.0.1:" + server.port());
  }

  private ImageFetcher fetcher(FetchSettings settings) {
    return new ImageFetcher(settings, budget, clock);
  }

  private static ImageTask task(String uri) {
    return task(new ImageSource.Remote(uri), new Integrity.Unchecked(), new Deadline.None());
  }

  private static ImageTask task(ImageSource source, Integrity integrity, Deadline deadline) {
    return new ImageTask(
        new Position("requests", 0, 0, 0),
        "id",
        source,
        integrity,
        new ModelSelector("model", new ModelSelector.Version.Serving()),
        Map.of(),
        deadline,
        Map.of(),
        Instant.EPOCH,
        new Attempt.First());
  }

  private String url(String path) {
    return "http://127.0.0.1:" + server.port() + path;
  }

  private static void assertFails(
      ImageFetcher fetcher, ImageTask task, ErrorCode code, String part) {
    assertThatThrownBy(() -> fetcher.fetch(task, RENDITIONS, new RecordedParking()).close())
        .isInstanceOfSatisfying(
            TaskException.class,
            e -> {
              assertThat(e.code()).as(e.toString()).isEqualTo(code);
              assertThat(e).hasMessageContaining(part);
            });
  }

  private static String ok(String headers) {
    return "HTTP/1.1 200 OK\r\n" + headers + "\r\n";
  }

  private static String redirect(int status, String location) {
    return "HTTP/1.1 " + status + " So\r\nContent-Length: 0\r\nLocation: " + location + "\r\n\r\n";
  }

  @Test
  void fetchesTheBodyAndReservesWhatItIs() throws Exception {
    server.answer(connection ->
        connection.write(ok("Content-Length: " + IMAGE.length + "\r\n")).write(IMAGE));
    try (ImageFetcher fetcher = fetcher(local())) {
      try (FetchedImage image =
          fetcher.fetch(task(url("/a.jpg?x=1")), RENDITIONS, new RecordedParking())) {
        assertThat(image.bytes()).isEqualTo(IMAGE);
        assertThat(budget.inUse()).isEqualTo(IMAGE.length + RENDITIONS);
      }
      assertThat(server.requests().getFirst())
          .startsWith("GET /a.jpg?x=1 HTTP/1.1")
          .contains("Host: 127.0.0.1:" + server.port())
          .contains("Accept-Encoding: identity")
          .doesNotContainIgnoringCase("cookie")
          .doesNotContainIgnoringCase("authorization")
          .doesNotContainIgnoringCase("upgrade");
    }
  }

  @Test
  void fetchesABodyOfUnknownLength() throws Exception {
    server.answer(connection ->
        connection
            .write(ok("Transfer-Encoding: chunked\r\n"))
            .write("5\r\nthese\r\n4\r\n byt\r\n0\r\n\r\n"));
    server.answer(connection -> connection.write(ok("Connection: close\r\n")).write(IMAGE).end());
    try (ImageFetcher fetcher = fetcher(local())) {
      try (FetchedImage image =
          fetcher.fetch(task(url("/chunked")), RENDITIONS, new RecordedParking())) {
        assertThat(image.bytes()).asString(StandardCharsets.UTF_8).isEqualTo("these byt");
        assertThat(budget.inUse()).isEqualTo(9 + RENDITIONS);
      }
    }
    try (ImageFetcher fetcher = fetcher(local());
        FetchedImage image =
            fetcher.fetch(
                task(url("/until the end".replace(' ', '-'))), RENDITIONS, new RecordedParking())) {
      assertThat(image.bytes()).isEqualTo(IMAGE);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "404, IMAGE_NOT_FOUND, 1",
    "410, IMAGE_NOT_FOUND, 1",
    "400, IMAGE_NOT_FOUND, 1",
    "204, IMAGE_NOT_FOUND, 1",
    "401, IMAGE_ACCESS_DENIED, 1",
    "403, IMAGE_ACCESS_DENIED, 1",
    "407, IMAGE_ACCESS_DENIED, 1",
    "408, IMAGE_UNAVAILABLE, 3",
    "429, IMAGE_UNAVAILABLE, 3",
    "500, IMAGE_UNAVAILABLE, 3",
    "503, IMAGE_UNAVAILABLE, 3",
    "206, IMAGE_UNAVAILABLE, 3",
    "304, IMAGE_UNAVAILABLE, 3"
  })
  void mapsStatusesAndRetriesOnlyWhatAMomentHeals(int status, ErrorCode code, int attempts) {
    server.always(
        connection -> connection.write("HTTP/1.1 " + status + " So\r\nContent-Length: 0\r\n\r\n"));
    try (ImageFetcher fetcher = fetcher(local())) {
      assertFails(fetcher, task(url("/a")), code, "status " + status);
      assertThat(server.requests()).hasSize(attempts);
    }
  }

  @Test
  void aMomentHeals() throws Exception {
    server.answer(connection -> connection.write("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"));
    server.answer(RawServer.Connection::reset);
    server.answer(connection -> connection.write(ok("Content-Length: 30\r\n")).write(IMAGE));
    try (ImageFetcher fetcher = fetcher(local());
        FetchedImage image = fetcher.fetch(task(url("/a")), RENDITIONS, new RecordedParking())) {
      assertThat(image.bytes()).isEqualTo(IMAGE);
    }
  }

  @Test
  void refusesTooManyBytesEarlyAndLate() {
    server.answer(connection -> connection.write(ok("Content-Length: 100001\r\n")).awaitEnd());
    server.answer(
        connection -> connection.write(ok("Content-Length: 99999999999999\r\n")).awaitEnd());
    server.answer(connection -> {
      connection.write(ok("Transfer-Encoding: chunked\r\n"));
      while (connection.write("400\r\n" + "x".repeat(0x400) + "\r\n").isOpen()) {}
    });
    server.answer(connection -> {
      connection.write(ok(""));
      while (connection.write("x".repeat(0x400)).isOpen()) {}
    });
    try (ImageFetcher fetcher = fetcher(local())) {
      for (int i = 0; i < 4; i++) {
        assertFails(fetcher, task(url("/" + i)), ErrorCode.IMAGE_TOO_LARGE, "100000 bytes allowed");
      }
    }
  }

  /** The whole exchange has an end, wherever the server stalls, and however busily. */
  @ParameterizedTest
  @ValueSource(
      strings = {"hang", "drip the head", "hang in the body", "drip the body", "drip chunks"})
  void cutsOffAServerThatKeepsItWaiting(String how) {
    server.always(connection -> {
      switch (how) {
        case "hang" -> connection.awaitEnd();
        case "drip the head" -> connection.write("HTTP/1.1 200 OK\r\nX: ").drip("x");
        case "hang in the body" ->
            connection.write(ok("Content-Length: 30\r\n")).write("some").awaitEnd();
        case "drip the body" -> connection.write(ok("Content-Length: 9000\r\n")).drip("x");
        default -> connection.write(ok("Transfer-Encoding: chunked\r\n")).drip("1\r\nx\r\n");
      }
    });
    try (ImageFetcher fetcher = fetcher(local(SHORT))) {
      long start = System.nanoTime();
      assertFails(fetcher, task(url("/a")), ErrorCode.IMAGE_UNAVAILABLE, partOfTheFailure(how));
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(SHORT);
    }
  }

  /**
   * Where the server says nothing, the socket's own timeout ends at the same time as the fetch's,
   * and may be the first; it says nothing of the fetch's.
   */
  private static String partOfTheFailure(String how) {
    return how.startsWith("hang") ? "" : "within 500 ms";
  }

  @Test
  void stopsAtTheDeadline() throws Exception {
    server.answer(connection -> connection.write(ok("Content-Length: 30\r\n")).write(IMAGE));
    server.always(RawServer.Connection::awaitEnd);
    try (ImageFetcher fetcher = new ImageFetcher(local(), budget, InstantSource.system())) {
      // The first fetch of a process takes its time.
      fetcher.fetch(task(url("/first")), RENDITIONS, new RecordedParking()).close();
      Instant end = Instant.now().plusSeconds(3);
      Deadline deadline = new Deadline.At(end);
      ImageTask task = task(new ImageSource.Remote(url("/a")), new Integrity.Unchecked(), deadline);
      // Nothing else ends it: the timeout is an hour.
      assertFails(fetcher, task, ErrorCode.DEADLINE_EXCEEDED, "deadline");
      assertThat(Instant.now()).isAfterOrEqualTo(end);
      assertFails(fetcher, task, ErrorCode.DEADLINE_EXCEEDED, "deadline");
      assertThat(server.requests()).hasSize(2);
      // The origin is not to blame for a request in a hurry.
      assertThat(fetcher.origins().values())
          .extracting(OriginState::breaker)
          .containsExactly(BreakerState.CLOSED);
    }
  }

  @Test
  void waitsForMemoryNoLongerThanTheDeadline() throws Exception {
    server.always(connection -> connection.write(ok("Content-Length: 30\r\n")).write(IMAGE));
    try (ImageFetcher fetcher = new ImageFetcher(local(), budget, InstantSource.system())) {
      fetcher.fetch(task(url("/first")), RENDITIONS, new RecordedParking()).close();
      Reservation other = budget.reserve(CAPACITY);
      Deadline deadline = new Deadline.At(Instant.now().plusSeconds(3));
      assertFails(
          fetcher,
          task(new ImageSource.Remote(url("/a")), new Integrity.Unchecked(), deadline),
          ErrorCode.DEADLINE_EXCEEDED,
          "memory");

      Thread waiting = Thread.startVirtualThread(other::close);
      try (FetchedImage image = fetcher.fetch(task(url("/b")), RENDITIONS, new RecordedParking())) {
        assertThat(image.bytes()).isEqualTo(IMAGE);
      }
      waiting.join();
    }
  }

  @Test
  void anInterruptEndsAFetch() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    server.always(connection -> {
      arrived.countDown();
      connection.awaitEnd();
    });
    try (ImageFetcher fetcher = fetcher(local())) {
      AtomicReference<Throwable> thrown = new AtomicReference<>(new AssertionError("nothing"));
      Thread fetching =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  fetcher.fetch(task(url("/a")), RENDITIONS, new RecordedParking()).close();
                } catch (InterruptedException | TaskException e) {
                  thrown.set(e);
                }
              });
      arrived.await();
      fetching.interrupt();
      fetching.join();
      assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
    }
  }

  @Test
  void saysWhatCannotBeReached() throws Exception {
    NameResolver resolver =
        host -> {
          throw new UnknownHostException(host);
        };
    // A port that this socket keeps, so that nobody else listens there, as it does not itself.
    try (Socket silent = new Socket();
        ImageFetcher fetcher =
            new ImageFetcher(
                settings("http://*:*", "http://127.0.0.1:*"),
                budget,
                clock,
                resolver,
                Alarms.system())) {
      silent.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
      assertFails(
          fetcher,
          task("http://127.0.0.1:" + silent.getLocalPort() + "/a"),
          ErrorCode.IMAGE_UNAVAILABLE,
          "cannot be connected to");
      assertFails(
          fetcher,
          task("http://nowhere.example/a"),
          ErrorCode.IMAGE_UNAVAILABLE,
          "unknown host nowhere.example");
    }
  }

  @Test
  void resolvingHasAnEndToo() {
    CountDownLatch never = new CountDownLatch(1);
    NameResolver resolver =
        host -> {
          try {
            never.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          throw new UnknownHostException(host);
        };
    try (ImageFetcher fetcher =
        new ImageFetcher(settings(SHORT), budget, clock, resolver, Alarms.system())) {
      assertFails(fetcher, task("http://slow.example/a"), ErrorCode.IMAGE_UNAVAILABLE, "resolving");
    }
  }

  /** DNS rebinding: a public address when it is checked, a loopback one a moment later. */
  @Test
  void connectsToTheAddressThatWasChecked() throws Exception {
    server.always(connection -> connection.write(ok("Content-Length: 30\r\n")).write(IMAGE));
    AtomicInteger lookups = new AtomicInteger();
    InetAddress allowed = InetAddress.ofLiteral("127.0.0.1");
    InetAddress other = InetAddress.ofLiteral("127.0.0.2");
    NameResolver rebinding = host -> List.of(lookups.getAndIncrement() == 0 ? allowed : other);
    try (ImageFetcher fetcher =
        new ImageFetcher(
            settings("http://127.0.0.1:" + server.port()),
            budget,
            clock,
            rebinding,
            Alarms.system())) {
      String address = "http://rebind.example:" + server.port() + "/a";
      try (FetchedImage image = fetcher.fetch(task(address), RENDITIONS, new RecordedParking())) {
        assertThat(image.bytes()).isEqualTo(IMAGE);
      }
      assertThat(lookups).hasValue(1);
      assertThat(server.requests().getFirst()).contains("Host: rebind.example");
      // What it resolves to now is not allowed, though a connection to the old address is open.
      assertFails(fetcher, task(address), ErrorCode.URI_FORBIDDEN, "127.0.0.2");
      assertThat(server.requests()).hasSize(1);
    }
  }

  @Test
  void triesTheNextAddressWhenOneDoesNotAnswer() throws Exception {
    server.always(connection -> connection.write(ok("Content-Length: 30\r\n")).write(IMAGE));
    // Nothing listens on the second loopback address.
    List<InetAddress> two =
        List.of(InetAddress.ofLiteral("127.0.0.2"), InetAddress.ofLiteral("127.0.0.1"));
    try (ImageFetcher fetcher =
            new ImageFetcher(
                settings("http://two.example:" + server.port()),
                budget,
                clock,
                host -> two,
                Alarms.system());
        FetchedImage image =
            fetcher.fetch(
                task("http://two.example:" + server.port() + "/a"),
                RENDITIONS,
                new RecordedParking())) {
      assertThat(image.bytes()).isEqualTo(IMAGE);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "http://169.254.169.254/latest/meta-data/, not allowed",
    "http://10.0.0.1/, not allowed",
    "http://localhost/, not allowed",
    "http://[::1]/, not allowed",
    "ftp://example.com/a, none of http",
    "file:///etc/passwd, neither http nor https",
    "s3://bucket/key, neither http nor https",
    "http://user:password@127.0.0.1/, user name"
  })
  void checksWhereARedirectLeads(String location, String part) {
    server.always(connection -> connection.write(redirect(302, location)));
    try (ImageFetcher fetcher = fetcher(local())) {
      assertFails(fetcher, task(url("/a")), ErrorCode.URI_FORBIDDEN, part);
      assertThat(server.requests()).hasSize(1);
    }
  }

  @Test
  void aRedirectIntoThePrivateNetworkIsRefusedWhenEveryPublicHostIsAllowed() {
    server.always(connection -> connection.write(redirect(302, "http://169.254.169.254/")));
    try (ImageFetcher fetcher = fetcher(settings("*", "http://127.0.0.1:" + server.port()))) {
      assertFails(fetcher, task(url("/a")), ErrorCode.URI_FORBIDDEN, "link-local");
    }
  }

  @Test
  void followsRedirectsButNotInCirclesNorForEver() throws Exception {
    server.answer(connection -> connection.write(redirect(301, "/b")));
    server.answer(connection -> connection.write(ok("Content-Length: 30\r\n")).write(IMAGE));
    try (ImageFetcher fetcher = fetcher(local())) {
      fetcher.fetch(task(url("/a")), RENDITIONS, new RecordedParking()).close();
      assertThat(server.requests().get(1)).startsWith("GET /b ");

      server.always(connection -> connection.write(redirect(307, "/a")));
      assertFails(fetcher, task(url("/a")), ErrorCode.URI_FORBIDDEN, "circle");

      AtomicInteger hop = new AtomicInteger();
      server.always(connection -> connection.write(redirect(308, "/" + hop.incrementAndGet())));
      assertFails(fetcher, task(url("/0")), ErrorCode.URI_FORBIDDEN, "after 3 redirects");
      assertThat(hop).hasValue(4);
    }
  }

  @Test
  void refusesAbsurdHeadersAndEncodedBodies() {
    server.answer(connection -> connection.write(ok("X: " + "y".repeat(100_000) + "\r\n")));
    server.answer(connection -> connection.write(ok("X: y\r\n".repeat(10_000))));
    server.answer(connection -> connection.write("complete nonsense\r\n\r\n").end());
    server.always(connection ->
        connection.write(ok("Content-Encoding: gzip\r\nContent-Length: 4\r\n")).write("aaaa"));
    FetchSettings once =
        new FetchSettings(
            local().limits(),
            local().addresses(),
            List.of(),
            new FetchSettings.Retries(1, Duration.ofSeconds(1), Duration.ofMillis(1)),
            local().breaker(),
            local().s3());
    try (ImageFetcher fetcher = fetcher(once)) {
      assertFails(fetcher, task(url("/a")), ErrorCode.IMAGE_UNAVAILABLE, "");
      assertFails(fetcher, task(url("/a")), ErrorCode.IMAGE_UNAVAILABLE, "");
      assertFails(fetcher, task(url("/a")), ErrorCode.IMAGE_UNAVAILABLE, "");
      assertFails(fetcher, task(url("/a")), ErrorCode.IMAGE_CORRUPT, "Content-Encoding");
    }
  }

  @Test
  void aBodyThatEndsEarlyIsUnavailable() {
    server.always(connection -> connection.write(ok("Content-Length: 500\r\n")).write(IMAGE).end());
    try (ImageFetcher fetcher = fetcher(local())) {
      assertFails(fetcher, task(url("/a")), ErrorCode.IMAGE_UNAVAILABLE, "");
      assertThat(server.requests()).hasSize(3);
    }
  }

  @Test
  void whatTheServerAnswersForGoodDoesNotOpenTheBreaker() {
    server.always(connection -> connection.write("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"));
    try (ImageFetcher fetcher = fetcher(local())) {
      for (int i = 0; i < 30; i++) {
        assertFails(fetcher, task(url("/" + i)), ErrorCode.IMAGE_NOT_FOUND, "404");
      }
      assertThat(fetcher.origins().values())
          .extracting(OriginState::breaker)
          .containsExactly(BreakerState.CLOSED);
    }
  }

  @Test
  void remembersOnlySoManyOrigins() {
    NameResolver nowhere =
        host -> {
          throw new UnknownHostException(host);
        };
    try (ImageFetcher fetcher =
        new ImageFetcher(settings(), budget, clock, nowhere, Alarms.system())) {
      for (int i = 0; i < 10; i++) {
        assertFails(
            fetcher, task("http://h" + i + ".example/"), ErrorCode.IMAGE_UNAVAILABLE, "unknown");
      }
      assertThat(fetcher.origins().keySet())
          .containsExactly("http://h7.example", "http://h8.example", "http://h9.example");
    }
  }

  @Test
  void asksOneOriginOnlySoMuchAtOnce() throws Exception {
    AtomicInteger atOnce = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    CountDownLatch full = new CountDownLatch(4);
    CountDownLatch go = new CountDownLatch(1);
    server.always(connection -> {
      most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
      full.countDown();
      go.await();
      atOnce.decrementAndGet();
      connection.write(ok("Content-Length: 30\r\n")).write(IMAGE);
    });
    try (ImageFetcher fetcher = fetcher(local())) {
      List<Thread> fetching =
          java.util.stream.IntStream.range(0, 20)
              .mapToObj(i ->
                  Thread.startVirtualThread(() -> {
                    try {
                      fetcher.fetch(task(url("/" + i)), 0, new RecordedParking()).close();
                    } catch (InterruptedException e) {
                      throw new AssertionError(e);
                    }
                  }))
              .toList();
      full.await();
      go.countDown();
      for (Thread thread : fetching) {
        thread.join();
      }
    }
    assertThat(most).hasValue(4);
    assertThat(server.requests()).hasSize(20);
  }

  @Test
  void fetchesOnlySoManyAheadOfTheirAnswers() throws Exception {
    server.always(connection -> connection.write(ok("Content-Length: 30\r\n")).write(IMAGE));
    try (ImageFetcher fetcher = fetcher(local())) {
      Deque<FetchedImage> ahead = new ArrayDeque<>();
      for (int i = 0; i < 10; i++) {
        ahead.add(fetcher.fetch(task(url("/" + i)), 0, new RecordedParking()));
      }
      ImageTask hasty =
          task(
              new ImageSource.Remote(url("/one-more")),
              new Integrity.Unchecked(),
              new Deadline.At(clock.instant().plusMillis(50)));
      assertFails(fetcher, hasty, ErrorCode.DEADLINE_EXCEEDED, "waiting for a turn to fetch");
      assertThat(server.requests()).hasSize(10);
      assertThat(fetcher.imagesAhead()).isEqualTo(10).isEqualTo(fetcher.maxImagesAhead());

      ahead.remove().close();
      assertThat(fetcher.imagesAhead()).isEqualTo(9);
      for (int i = 0; i < 20; i++) {
        server.answer(
            connection -> connection.write("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"));
        assertFails(fetcher, task(url("/absent")), ErrorCode.IMAGE_NOT_FOUND, "404");
        server.answer(connection -> connection.write(redirect(302, "/image")));
        fetcher.fetch(task(url("/moved")), 0, new RecordedParking()).close();
      }
      ahead.add(fetcher.fetch(task(url("/last")), 0, new RecordedParking()));

      assertThat(ahead).hasSize(10);
      ahead.forEach(FetchedImage::close);
      assertThat(fetcher.imagesAhead()).isZero();
    }
  }

  @Test
  void checksTheSum() throws Exception {
    String sum = HexFormat.of().formatHex(sha256(IMAGE));
    ImageSource inline = new ImageSource.Inline(IMAGE);
    try (ImageFetcher fetcher = fetcher(settings())) {
      ImageTask right = task(inline, new Integrity.Sha256(sum), new Deadline.None());
      try (FetchedImage image = fetcher.fetch(right, RENDITIONS, new RecordedParking())) {
        assertThat(image.bytes()).isSameAs(IMAGE);
        assertThat(budget.inUse()).isEqualTo(RENDITIONS);
      }
      ImageTask wrong = task(inline, new Integrity.Sha256("0".repeat(64)), new Deadline.None());
      assertFails(fetcher, wrong, ErrorCode.IMAGE_CORRUPT, sum);
      assertFails(
          fetcher,
          task(
              new ImageSource.Inline(new byte[100_001]),
              new Integrity.Unchecked(),
              new Deadline.None()),
          ErrorCode.IMAGE_TOO_LARGE,
          "100001");
    }
  }

  @Test
  void readsFilesUnderItsRootsOnly() throws Exception {
    Path root = Files.createDirectories(folder.resolve("root"));
    Path outside = Files.write(folder.resolve("outside.jpg"), IMAGE);
    Files.write(root.resolve("a b.jpg"), IMAGE);
    Files.write(root.resolve("large.jpg"), new byte[100_001]);
    Files.createDirectories(root.resolve("folder"));
    Files.createSymbolicLink(root.resolve("out"), outside);
    Files.createSymbolicLink(root.resolve("in"), root.resolve("a b.jpg"));
    Files.createSymbolicLink(folder.resolve("sibling"), root);
    Files.createDirectories(folder.resolve("rootkit"));
    Files.write(folder.resolve("rootkit/x"), IMAGE);
    Process fifo = new ProcessBuilder("mkfifo", root.resolve("fifo").toString()).start();
    assertThat(fifo.waitFor()).isZero();
    FetchSettings files =
        new FetchSettings(
            local().limits(),
            local().addresses(),
            List.of(root),
            local().retry(),
            local().breaker(),
            local().s3());
    try (ImageFetcher fetcher = fetcher(files)) {
      for (String name : List.of("a%20b.jpg", "in", "folder/../in")) {
        try (FetchedImage image =
            fetcher.fetch(task("file://" + root + "/" + name), RENDITIONS, new RecordedParking())) {
          assertThat(image.bytes()).isEqualTo(IMAGE);
          assertThat(budget.inUse()).isEqualTo(IMAGE.length + RENDITIONS);
        }
      }
      for (String path :
          List.of(
              root + "/../outside.jpg",
              root + "/%2e%2e/outside.jpg",
              root + "/out",
              root + "/folder",
              root + "/fifo",
              root + "",
              folder + "/rootkit/x",
              folder + "/nothing",
              "/etc/passwd",
              "/dev/zero",
              "/proc/self/environ")) {
        assertFails(fetcher, task("file://" + path), ErrorCode.URI_FORBIDDEN, "");
      }
      Files.createSymbolicLink(root.resolve("circle"), Path.of("circle"));
      for (String path : List.of("none", "in/a.jpg", "a%20b.jpg/b/c", "n".repeat(300), "circle")) {
        assertFails(fetcher, task("file://" + root + "/" + path), ErrorCode.IMAGE_NOT_FOUND, "");
      }
      assertFails(
          fetcher, task("file://" + root + "/large.jpg"), ErrorCode.IMAGE_TOO_LARGE, "100001");
    }
    try (ImageFetcher fetcher = fetcher(local())) {
      assertFails(fetcher, task("file://" + outside), ErrorCode.URI_FORBIDDEN, "file_roots");
    }
  }

  @Test
  void readsNoBucketUnlessOneIsAllowed() {
    try (ImageFetcher fetcher = fetcher(settings())) {
      assertFails(fetcher, task("s3://photos/a.jpg"), ErrorCode.URI_FORBIDDEN, "s3://photos");
    }
  }

  private FetchSettings objects() {
    return objects(local());
  }

  private FetchSettings objects(FetchSettings local) {
    return new FetchSettings(
        local.limits(),
        new FetchSettings.Addresses(List.of("s3://photos"), List.of(), false),
        List.of(),
        local.retry(),
        local.breaker(),
        new S3Settings(
            "http://127.0.0.1:" + server.port(),
            "",
            true,
            new S3Settings.Credentials.Static("id", "secret")));
  }

  @Test
  void readsObjectsFromTheConfiguredEndpoint() throws Exception {
    server.answer(connection -> connection.write(ok("Content-Length: 30\r\n")).write(IMAGE));
    server.always(connection -> connection.write("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"));
    try (ImageFetcher fetcher = fetcher(objects())) {
      try (FetchedImage image =
          fetcher.fetch(task("s3://photos/a b/c?.jpg"), RENDITIONS, new RecordedParking())) {
        assertThat(image.bytes()).isEqualTo(IMAGE);
        assertThat(budget.inUse()).isEqualTo(IMAGE.length + RENDITIONS);
      }
      assertThat(server.requests().getFirst())
          .startsWith("GET /photos/a%20b/c%3F.jpg HTTP/1.1")
          .contains("AWS4-HMAC-SHA256");
      assertFails(fetcher, task("s3://photos/none"), ErrorCode.IMAGE_NOT_FOUND, "404");
      assertFails(fetcher, task("s3://other/a"), ErrorCode.URI_FORBIDDEN, "s3://other");
      server.always(connection -> connection.write("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"));
      assertFails(fetcher, task("s3://photos/a"), ErrorCode.IMAGE_ACCESS_DENIED, "403");
      server.always(connection -> connection.write(ok("Content-Length: 100001\r\n")).awaitEnd());
      assertFails(fetcher, task("s3://photos/a"), ErrorCode.IMAGE_TOO_LARGE, "100001");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"hang", "drip the body"})
  void cutsOffAnObjectStoreThatKeepsItWaiting(String how) {
    server.always(connection -> {
      if (how.equals("hang")) {
        connection.awaitEnd();
      } else {
        connection.write(ok("Content-Length: 9000\r\n")).drip("x");
      }
    });
    try (ImageFetcher fetcher = fetcher(objects(local(SHORT)))) {
      long start = System.nanoTime();
      assertFails(
          fetcher, task("s3://photos/a"), ErrorCode.IMAGE_UNAVAILABLE, partOfTheFailure(how));
      // The store's client leaves out what is less than a millisecond.
      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .isGreaterThanOrEqualTo(SHORT.minusMillis(1));
    }
  }

  @Test
  void unavailableObjectsAreTriedAgain() {
    server.always(connection -> connection.write("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"));
    try (ImageFetcher fetcher = fetcher(objects())) {
      assertFails(fetcher, task("s3://photos/a"), ErrorCode.IMAGE_UNAVAILABLE, "503");
      await().until(() -> server.requests().size() == 3);
    }
  }

  @Test
  void secretsAreNotPrinted() {
    assertThat(objects().toString()).doesNotContain("secret");
  }

  private static byte[] sha256(byte[] bytes) throws NoSuchAlgorithmException {
    return MessageDigest.getInstance("SHA-256").digest(Arrays.copyOf(bytes, bytes.length));
  }
}

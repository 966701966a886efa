package dev.sluice.devstack;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Looks at what the server sends, byte for byte: an HTTP client would hide what is wrong. */
class ImageServerTest {
  private static final String CONTENT = "0123456789".repeat(10);

  /** What the server may not show; the folder that it serves lies in here. */
  @TempDir Path outside;

  private ImageServer server;

  @BeforeEach
  void launch() throws IOException {
    Path folder = Files.createDirectory(outside.resolve("served"));
    Files.writeString(folder.resolve("a b.jpg"), CONTENT);
    Files.writeString(folder.resolve("a.jpg"), CONTENT);
    server = ImageServer.launch(folder);
  }

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  void servesAFileAndCountsRequests() throws IOException {
    assertThat(get("/a.jpg"))
        .startsWith("HTTP/1.1 200 OK\r\n")
        .contains("Content-Type: image/jpeg\r\n", "Content-Length: 100\r\n")
        .endsWith("\r\n\r\n" + CONTENT);
    assertThat(get("/a%20b.jpg?x=1")).endsWith(CONTENT);
    assertThat(server.requests("/a.jpg")).isEqualTo(1);
    assertThat(server.requests("/a b.jpg")).isEqualTo(1);
    assertThat(server.requests()).isEqualTo(2);
    assertThat(server.requests("/never")).isZero();
  }

  @Test
  void answersSeveralRequestsOnOneConnection() throws IOException {
    try (Socket socket = connect()) {
      for (int i = 0; i < 3; i++) {
        send(socket, "GET /a.jpg HTTP/1.1\r\nHost: x\r\n\r\n");
        assertThat(readUntil(socket, CONTENT)).startsWith("HTTP/1.1 200 OK\r\n");
      }
    }
  }

  @Test
  void aHeadRequestGetsNoBody() throws IOException {
    assertThat(exchange("HEAD /a.jpg HTTP/1.1\r\nConnection: close\r\n\r\n"))
        .contains("Content-Length: 100\r\n")
        .endsWith("\r\n\r\n");
  }

  @ParameterizedTest
  @CsvSource({
    "/missing.jpg, 404",
    "/../secret, 404",
    "/%2e%2e/secret, 404",
    "/fault/no-such/a.jpg, 400",
    "/fault/status/many/a.jpg, 400",
    "/fault/status/-1/a.jpg, 400",
    "/fault/status, 400",
  })
  void refusesWhatMakesNoSense(String path, int status) throws IOException {
    Files.writeString(outside.resolve("secret"), "secret");
    assertThat(get(path)).startsWith("HTTP/1.1 %d ".formatted(status)).doesNotContain("secret");
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST /a.jpg HTTP/1.1\r\n\r\n", "nonsense\r\n\r\n"})
  void endsTheConnectionOnWhatItDoesNotUnderstand(String request) throws IOException {
    assertThat(exchange(request)).doesNotContain("200 OK");
  }

  @Test
  void answersAnyStatusWithHeaders() throws IOException {
    assertThat(get("/fault/status/503/a.jpg?header=Retry-After:%202"))
        .startsWith("HTTP/1.1 503 ")
        .contains("Retry-After: 2\r\n");
    server.behave("/a", new Behaviour.Status(418, Map.of("content-length", "0")));
    assertThat(get("/a.jpg"))
        .startsWith("HTTP/1.1 418 ")
        .containsOnlyOnce("Content-Length: ")
        .contains("Content-Length: 0\r\n");
  }

  @Test
  void theLongestPrefixCountsAndResetForgets() throws IOException {
    server.behave("/", new Behaviour.Status(500));
    server.behave("/a", new Behaviour.Normal());
    assertThat(get("/a.jpg")).endsWith(CONTENT);
    assertThat(get("/b.jpg")).startsWith("HTTP/1.1 500 ");
    server.reset();
    assertThat(get("/b.jpg")).startsWith("HTTP/1.1 404 ");
    assertThat(server.requests()).isEqualTo(1);
  }

  @Test
  void failsTheFirstRequestsOnly() throws IOException {
    String path = "/fault/first/2/fault/status/503/a.jpg";
    assertThat(get(path)).startsWith("HTTP/1.1 503 ");
    assertThat(get(path)).startsWith("HTTP/1.1 503 ");
    assertThat(get(path)).endsWith(CONTENT);
  }

  @Test
  void answersLate() throws IOException {
    long begin = System.nanoTime();
    assertThat(get("/fault/delay/300/fault/status/503/a.jpg")).startsWith("HTTP/1.1 503 ");
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(300));
  }

  @Test
  void dripsTheBody() throws IOException {
    long begin = System.nanoTime();
    assertThat(get("/fault/drip/10/30/a.jpg")).endsWith(CONTENT);
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(270));
  }

  @Test
  void truncatesTheBody() throws IOException {
    assertThat(get("/fault/truncate/7/a.jpg"))
        .contains("Content-Length: 100\r\n")
        .endsWith("\r\n\r\n0123456");
  }

  @Test
  void liesAboutTheContentType() throws IOException {
    assertThat(get("/fault/type/text/html/a.jpg"))
        .contains("Content-Type: text/html\r\n")
        .endsWith(CONTENT);
  }

  @ParameterizedTest
  @CsvSource({
    "/fault/redirect/307/a.jpg, /a.jpg",
    "/fault/redirect/302/a.jpg?to=http%3A%2F%2F10.0.0.1%2Fx, http://10.0.0.1/x",
    "/fault/redirects/2/a.jpg, /fault/redirects/1/a.jpg",
    "/fault/redirects/1/a.jpg, /a.jpg",
    "/fault/redirect-loop/a.jpg, /fault/redirect-loop/a.jpg",
  })
  void redirects(String path, String location) throws IOException {
    assertThat(get(path)).startsWith("HTTP/1.1 30").contains("Location: " + location + "\r\n");
  }

  @Test
  void hangsUntilTheServerCloses() throws IOException {
    try (Socket socket = connect()) {
      send(socket, "GET /fault/hang/a.jpg HTTP/1.1\r\n\r\n");
      socket.setSoTimeout(200);
      int reads = 0;
      do {
        assertThatExceptionOfType(SocketTimeoutException.class)
            .isThrownBy(() -> socket.getInputStream().read());
        reads++;
      } while (server.requests() == 0 && reads < 50);
      // What it had not read when it closes would make a reset of the end.
      assertThat(server.requests()).isEqualTo(1);
      socket.setSoTimeout(10_000);
      server.close();
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void resetsTheConnection() {
    assertThatExceptionOfType(SocketException.class)
        .isThrownBy(() -> get("/fault/reset/a.jpg"))
        .withMessageContaining("reset");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/fault/endless/a.jpg", "/fault/endless-headers/a.jpg"})
  void sendsWithoutEnd(String path) throws IOException {
    try (Socket socket = connect()) {
      send(socket, "GET " + path + " HTTP/1.1\r\n\r\n");
      InputStream in = socket.getInputStream();
      // More than all buffers on the way hold together.
      assertThat(in.readNBytes(16 * 1024 * 1024)).hasSize(16 * 1024 * 1024);
    }
  }

  @Test
  void answersGarbage() throws IOException {
    assertThat(get("/fault/garbage/a.jpg")).isNotEmpty().doesNotContain("HTTP");
  }

  private String get(String path) throws IOException {
    return exchange("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  }

  private String exchange(String request) throws IOException {
    try (Socket socket = connect()) {
      send(socket, request);
      return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    }
  }

  private Socket connect() throws IOException {
    int port = URI.create(server.url()).getPort();
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(10_000);
    return socket;
  }

  private static void send(Socket socket, String request) throws IOException {
    socket.getOutputStream().write(request.getBytes(ISO_8859_1));
  }

  private static String readUntil(Socket socket, String end) throws IOException {
    StringBuilder read = new StringBuilder();
    while (!read.toString().endsWith(end)) {
      int next = socket.getInputStream().read();
      assertThat(next).isNotNegative();
      read.append((char) next);
    }
    return read.toString();
  }
}

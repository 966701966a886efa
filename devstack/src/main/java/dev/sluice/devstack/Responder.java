package dev.sluice.devstack;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Answers the requests of one connection of {@link ImageServer}. Used by that one's thread. */
final class Responder {
  private static final byte[] JPEG_START = HexFormat.of().parseHex("ffd8ffe000104a46494600");
  private static final Map<String, String> TYPES =
      Map.of(
          "jpg", "image/jpeg",
          "jpeg", "image/jpeg",
          "png", "image/png",
          "webp", "image/webp",
          "gif", "image/gif",
          "bmp", "image/bmp",
          "tif", "image/tiff",
          "tiff", "image/tiff");

  private final Path folder;
  private final Socket connection;
  private final InputStream in;
  private final OutputStream out;
  private final CountDownLatch closed;

  /**
   * For one connection.
   *
   * @param closed ends all waiting
   */
  Responder(
      Path folder, Socket connection, InputStream in, OutputStream out, CountDownLatch closed) {
    this.folder = folder;
    this.connection = connection;
    this.in = in;
    this.out = out;
    this.closed = closed;
  }

  /**
   * Answers one request.
   *
   * @param file what is meant, with a leading slash
   * @param count how many requests for its path have come, this one included
   * @return whether the connection can take another request
   */
  boolean answer(RequestHead request, Behaviour behaviour, String file, int count)
      throws IOException, InterruptedException {
    if (!request.method().equals("GET") && !request.method().equals("HEAD")) {
      status(request, new Behaviour.Status(405, Map.of("Connection", "close")));
      return false; // A body may follow that nobody reads here.
    }
    return switch (behaviour) {
      case Behaviour.Delay(Duration duration, Behaviour then) -> {
        pause(duration);
        yield answer(request, then, file, count);
      }
      case Behaviour.First(int first, Behaviour early, Behaviour late) ->
          answer(request, count <= first ? early : late, file, count);
      case Behaviour.Normal() -> file(request, file, behaviour);
      case Behaviour.ContentType _ -> file(request, file, behaviour);
      case Behaviour.Drip _ -> file(request, file, behaviour);
      case Behaviour.Truncate _ -> file(request, file, behaviour);
      case Behaviour.Status status -> status(request, status);
      case Behaviour.Redirect(int status, String location) ->
          status(request, new Behaviour.Status(status, Map.of("Location", location)));
      case Behaviour.Hang() -> {
        in.transferTo(OutputStream.nullOutputStream()); // Ends with the client or the server.
        yield false;
      }
      case Behaviour.Reset() -> {
        connection.setSoLinger(true, 0); // Makes close() send a reset.
        yield false;
      }
      case Behaviour.EndlessBody() -> {
        endlessBody(request);
        yield false;
      }
      case Behaviour.EndlessHeaders() -> {
        endlessHeaders();
        yield false;
      }
      case Behaviour.Garbage() -> {
        write("\u0016\u0003\u0001 I am not a web server\r\n\r\n");
        out.flush();
        yield false;
      }
    };
  }

  private boolean status(RequestHead request, Behaviour.Status status) throws IOException {
    byte[] body = "status %d\n".formatted(status.status()).getBytes(ISO_8859_1);
    boolean bodiless = status.status() == 204 || status.status() == 304 || status.status() < 200;
    Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    headers.put("Content-Type", "text/plain");
    if (!bodiless) {
      headers.put("Content-Length", Integer.toString(body.length));
    }
    headers.putAll(status.headers());
    head(status.status(), headers);
    if (!bodiless && !request.method().equals("HEAD")) {
      out.write(body);
    }
    out.flush();
    // A length of the caller's own may not be the body's.
    return request.keepAlive() && status.headers().isEmpty();
  }

  private boolean file(RequestHead request, String file, Behaviour how)
      throws IOException, InterruptedException {
    Path path = folder.resolve(file.substring(1)).normalize();
    if (!path.startsWith(folder) || !Files.isRegularFile(path)) {
      return status(request, new Behaviour.Status(404));
    }
    byte[] content = Files.readAllBytes(path);
    String type = how instanceof Behaviour.ContentType(String other) ? other : type(file);
    head(200, Map.of("Content-Type", type, "Content-Length", Integer.toString(content.length)));
    if (request.method().equals("HEAD")) {
      out.flush();
      return request.keepAlive();
    }
    switch (how) {
      case Behaviour.Drip(int bytes, Duration interval) -> drip(content, bytes, interval);
      case Behaviour.Truncate(int bytes) -> out.write(content, 0, Math.min(bytes, content.length));
      default -> out.write(content);
    }
    out.flush();
    return request.keepAlive() && !(how instanceof Behaviour.Truncate);
  }

  private void drip(byte[] content, int bytes, Duration interval)
      throws IOException, InterruptedException {
    for (int sent = 0; sent < content.length; sent += bytes) {
      out.write(content, sent, Math.min(bytes, content.length - sent));
      out.flush();
      pause(interval);
    }
  }

  private void endlessBody(RequestHead request) throws IOException {
    head(200, Map.of("Content-Type", "image/jpeg", "Transfer-Encoding", "chunked"));
    if (request.method().equals("HEAD")) {
      out.flush();
      return;
    }
    chunk(JPEG_START);
    byte[] more = new byte[8 * 1024];
    while (closed.getCount() > 0) { // Or until the client is gone, and writing fails.
      chunk(more);
    }
  }

  private void chunk(byte[] bytes) throws IOException {
    write(Integer.toHexString(bytes.length) + "\r\n");
    out.write(bytes);
    write("\r\n");
  }

  private void endlessHeaders() throws IOException {
    write("HTTP/1.1 200 OK\r\n");
    for (long i = 0; closed.getCount() > 0; i++) { // Or until the client is gone.
      write("X-Filler-%d: %s\r\n".formatted(i, "x".repeat(100)));
    }
  }

  private void head(int status, Map<String, String> headers) throws IOException {
    write("HTTP/1.1 %d %s\r\n".formatted(status, status == 200 ? "OK" : "Status"));
    for (Map.Entry<String, String> header : headers.entrySet()) {
      write(header.getKey() + ": " + header.getValue() + "\r\n");
    }
    write("\r\n");
  }

  private void write(String text) throws IOException {
    out.write(text.getBytes(ISO_8859_1));
  }

  /** Waits, no longer than the server is there. */
  private void pause(Duration duration) throws InterruptedException {
    if (closed.await(duration.toNanos(), TimeUnit.NANOSECONDS)) {
      throw new InterruptedException("the image server closes");
    }
  }

  private static String type(String file) {
    String extension = file.substring(file.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    return TYPES.getOrDefault(extension, "application/octet-stream");
  }
}

package dev.sluice.tools.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OriginalsTest {
  @TempDir private Path folder;
  private Path photos;

  @BeforeEach
  void files() throws IOException {
    photos = Files.createDirectories(folder.resolve("photos"));
    Files.createDirectories(photos.resolve("a"));
    Files.writeString(photos.resolve("a/x.jpg"), "a/x");
    Files.writeString(photos.resolve("x.jpg"), "x");
    Files.writeString(folder.resolve("secret"), "secret");
    Files.createSymbolicLink(photos.resolve("link.jpg"), folder.resolve("secret"));
  }

  @Test
  void theLongestTailOfTheNameIsFound() throws Exception {
    Originals originals = Originals.in(List.of(photos), false);

    assertThat(read(originals, "http://images:8000/some/a/x.jpg?sig=1")).isEqualTo("a/x");
    assertThat(read(originals, "/elsewhere/b/x.jpg")).isEqualTo("x");
    assertThat(read(originals, "s3://bucket/x.jpg")).isEqualTo("x");
    assertThat(read(originals, "x.jpg")).isEqualTo("x");
  }

  @Test
  void nothingOutsideTheFoldersIsOpened() {
    Originals originals = Originals.in(List.of(photos), false);

    for (String source :
        List.of(
            "../secret",
            "a/../../secret",
            folder + "/secret",
            "file://" + folder + "/secret",
            "link.jpg",
            "http://h/%2e%2e/secret",
            "a",
            "",
            "x\u0000.jpg",
            "http://[/x.png")) {
      assertThatThrownBy(() -> originals.read(source)).as(source).isInstanceOf(IOException.class);
    }
  }

  @Test
  void withoutFoldersNamesAreFilesOfThisMachine() throws Exception {
    Originals originals = Originals.in(List.of(), false);

    assertThat(read(originals, photos + "/x.jpg")).isEqualTo("x");
    assertThat(read(originals, photos.resolve("x.jpg").toUri().toString())).isEqualTo("x");
    assertThatThrownBy(() -> originals.read("none.jpg")).hasMessageContaining("--images");
  }

  @Test
  void addressesAreFetchedOnlyWhenAllowed() throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          boolean there = exchange.getRequestURI().getPath().equals("/there.jpg");
          byte[] body = "fetched".getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(there ? 200 : 404, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    try {
      String base = "http://127.0.0.1:" + server.getAddress().getPort();
      assertThatThrownBy(() -> Originals.in(List.of(), false).read(base + "/there.jpg"))
          .hasMessageContaining("--fetch");
      assertThat(read(Originals.in(List.of(), true), base + "/there.jpg")).isEqualTo("fetched");
      assertThatThrownBy(() -> Originals.in(List.of(), true).read(base + "/gone.jpg"))
          .hasMessageContaining("404");
    } finally {
      server.stop(0);
    }
  }

  private static String read(Originals originals, String source)
      throws IOException, InterruptedException {
    return new String(originals.read(source), StandardCharsets.UTF_8);
  }
}

package dev.sluice.tools.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sluice.devstack.ImageServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GateTest {
  @TempDir private Path folder;

  @Test
  void letsThroughRefusesHangsAndLetsThroughAgain() throws IOException {
    Files.writeString(folder.resolve("a.png"), "hello");
    try (ImageServer server = ImageServer.launch(folder);
        Gate gate = Gate.open(URI.create(server.url()).getPort())) {
      assertThat(get(gate)).endsWith("hello");

      gate.shut(Fault.Silence.REFUSED);
      Awaitility.await() // The thread that accepts takes a moment to let the port go.
          .untilAsserted(() ->
              assertThatExceptionOfType(ConnectException.class).isThrownBy(() -> get(gate, 500)));
      gate.reopen();
      assertThat(get(gate)).endsWith("hello");

      gate.shut(Fault.Silence.HANGS);
      assertThatExceptionOfType(SocketTimeoutException.class).isThrownBy(() -> get(gate, 500));
      gate.reopen();
      assertThat(get(gate)).endsWith("hello");
    }
  }

  @Test
  void endsConnectionsThatAreOpenWhenItIsShut() throws IOException {
    try (ImageServer server = ImageServer.launch(folder);
        Gate gate = Gate.open(URI.create(server.url()).getPort());
        Socket client = new Socket(InetAddress.getLoopbackAddress(), gate.port())) {
      client.setSoTimeout(10_000);
      client
          .getOutputStream()
          .write("GET /fault/hang/a HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      Awaitility.await().until(() -> server.requests() > 0);
      gate.shut(Fault.Silence.HANGS);

      assertThat(readOrReset(client.getInputStream())).isNegative();
    }
  }

  private static int readOrReset(InputStream in) {
    try {
      return in.read();
    } catch (SocketTimeoutException e) {
      throw new AssertionError("the connection is still open", e);
    } catch (IOException e) {
      return -1; // Reset: the end, too.
    }
  }

  private static String get(Gate gate) throws IOException {
    return get(gate, 30_000);
  }

  private static String get(Gate gate, int timeoutMillis) throws IOException {
    try (Socket client = new Socket(InetAddress.getLoopbackAddress(), gate.port())) {
      client.setSoTimeout(timeoutMillis);
      client
          .getOutputStream()
          .write(
              "GET /a.png HTTP/1.1\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      return new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }
  }
}

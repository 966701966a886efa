package dev.sluice.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class BareServerTest {
  private final HttpClient http = HttpClient.newHttpClient();

  @Test
  void aPostIsATurn() throws Exception {
    int port = freePort();
    try (BareServer _ = new BareServer(port, duration -> "worked for " + duration)) {
      HttpResponse<String> answer = post(port, "1500");

      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo("worked for " + Duration.ofMillis(1500));
    }
  }

  @Test
  void whatIsNoTurnIsRefused() throws Exception {
    int port = freePort();
    try (BareServer _ = new BareServer(port, duration -> "worked for " + duration)) {
      assertThat(post(port, "soon").statusCode()).isEqualTo(400);
      assertThat(post(port, "").statusCode()).isEqualTo(400);
    }
  }

  @Test
  void aTurnThatFailsSaysWhy() throws Exception {
    int port = freePort();
    BareServer.Loop failing =
        _ -> {
          throw new IOException("no images");
        };
    try (BareServer _ = new BareServer(port, failing)) {
      HttpResponse<String> answer = post(port, "10");

      assertThat(answer.statusCode()).isEqualTo(500);
      assertThat(answer.body()).contains("no images");
    }
  }

  private HttpResponse<String> post(int port, String body)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port))
            .POST(BodyPublishers.ofString(body))
            .build();
    return http.send(request, BodyHandlers.ofString());
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}

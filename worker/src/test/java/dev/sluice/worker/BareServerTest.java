package dev.sluice.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class BareServerTest {
  private final HttpClient http = HttpClient.newHttpClient();

  @Test
  void aPostIsATurn() throws Exception {
    try (BareServer server = new BareServer(0, duration -> "worked for " + duration)) {
      HttpResponse<String> answer = post(server, "1500");

      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo("worked for " + Duration.ofMillis(1500));
    }
  }

  @Test
  void whatIsNoTurnIsRefused() throws Exception {
    try (BareServer server = new BareServer(0, duration -> "worked for " + duration)) {
      assertThat(post(server, "soon").statusCode()).isEqualTo(400);
      assertThat(post(server, "").statusCode()).isEqualTo(400);
    }
  }

  @Test
  void aTurnThatFailsSaysWhy() throws Exception {
    BareServer.Loop failing =
        _ -> {
          throw new IOException("no images");
        };
    try (BareServer server = new BareServer(0, failing)) {
      HttpResponse<String> answer = post(server, "10");

      assertThat(answer.statusCode()).isEqualTo(500);
      assertThat(answer.body()).contains("no images");
    }
  }

  private HttpResponse<String> post(BareServer server, String body)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port()))
            .POST(BodyPublishers.ofString(body))
            .build();
    return http.send(request, BodyHandlers.ofString());
  }
}

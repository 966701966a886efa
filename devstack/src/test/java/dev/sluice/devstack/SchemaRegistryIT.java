package dev.sluice.devstack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.devstack.junit.FreshNames;
import dev.sluice.devstack.junit.Private;
import dev.sluice.devstack.junit.WithDevstack;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.Test;

@WithDevstack
class SchemaRegistryIT {
  private static final String SCHEMA = "{\"schema\": \"{\\\"type\\\": \\\"string\\\"}\"}";

  @Test
  void registersASchemaOverTheConfluentApi(SchemaRegistry registry, FreshNames names)
      throws Exception {
    String subject = names.of("subject");
    assertThat(register(registry, subject).statusCode()).isEqualTo(200);
    HttpResponse<String> read =
        send(HttpRequest.newBuilder(URI.create(registry.url() + "/subjects")));
    assertThat(read.body()).contains(subject);
  }

  @Test
  void aRegistryThatWasStoppedOrKilledComesBackEmpty(@Private SchemaRegistry registry)
      throws Exception {
    registry.stop();
    assertThat(registry.isRunning()).isFalse();
    registry.start();
    assertThat(register(registry, "forgotten").statusCode()).isEqualTo(200);
    registry.kill();
    assertThat(registry.isRunning()).isFalse();
    registry.start();
    assertThat(send(HttpRequest.newBuilder(URI.create(registry.url() + "/subjects"))).body())
        .doesNotContain("forgotten");
  }

  private static HttpResponse<String> register(SchemaRegistry registry, String subject)
      throws Exception {
    return send(
        HttpRequest.newBuilder(URI.create(registry.url() + "/subjects/" + subject + "/versions"))
            .header("Content-Type", "application/vnd.schemaregistry.v1+json")
            .POST(HttpRequest.BodyPublishers.ofString(SCHEMA)));
  }

  private static HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(request.build(), BodyHandlers.ofString());
    }
  }
}

package dev.sluice.tools.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sluice.devstack.Assets;
import dev.sluice.devstack.Ports;
import dev.sluice.tools.CommandLines;
import dev.sluice.tools.Sluice;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole system in the foreground, used from outside and stopped by a signal. */
class UpIT {
  @TempDir private Path folder;

  @Test
  void takesRequestsFromOutsideAndStopsInOrderOnSigterm() throws Exception {
    Path log = folder.resolve("up.log");
    Process up =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dsluice.home=" + Assets.home(),
                "-cp",
                System.getProperty("java.class.path"),
                Sluice.class.getName(),
                "up",
                "--json",
                "--kafka-port=" + Ports.free(),
                "--registry-port=" + Ports.free(),
                "--images-port=" + Ports.free(),
                "--worker-port=" + Ports.free())
            .redirectError(log.toFile())
            .start();
    try (BufferedReader out =
        new BufferedReader(new InputStreamReader(up.getInputStream(), StandardCharsets.UTF_8))) {
      String line = out.readLine();
      assertThat(line).as(Files.readString(log)).isNotNull();
      JsonNode addresses = new JsonMapper().readTree(line);
      CommandLines.Run run =
          CommandLines.run(
              "submit",
              "--wait",
              "--bootstrap-servers=" + addresses.get("bootstrap_servers").textValue(),
              "--schema-registry=" + addresses.get("schema_registry").textValue(),
              Assets.photographs().resolve("signtext.jpg").toString(),
              addresses.get("image_server").textValue() + "/lab-sign.jpg",
              Assets.photographs().resolve("text.png").toUri().toString());
      assertThat(run.exit()).as(run.err()).isZero();
      assertThat(run.out()).contains("SHELBURNE", "NOUS AVONS DEMENAGE", "HELLO");

      List<ProcessHandle> children = up.descendants().toList();
      assertThat(children).as("broker, registry, worker").hasSizeGreaterThanOrEqualTo(3);
      // Not Process.destroy(): it closes the stream that is still being read here.
      assertThat(up.toHandle().destroy()).isTrue();
      assertThat(up.waitFor(60, TimeUnit.SECONDS)).as(Files.readString(log)).isTrue();
      assertThat(up.exitValue()).as(Files.readString(log)).isZero();
      Awaitility.await()
          .atMost(Duration.ofSeconds(10))
          .untilAsserted(() -> assertThat(children).noneMatch(ProcessHandle::isAlive));
    } finally {
      up.destroyForcibly();
    }
  }
}

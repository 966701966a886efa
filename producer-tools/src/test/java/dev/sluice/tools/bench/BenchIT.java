package dev.sluice.tools.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.tools.CommandRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bench with hardly any measuring, so that it does not rot. */
class BenchIT {
  @TempDir private Path folder;

  @Test
  void bothSidesOfARatioAreMeasuredAndReported() throws IOException {
    Path page = folder.resolve("bench.html");

    CommandRun run =
        CommandRun.sluice(
            "bench",
            "throughput-classifier",
            "--json",
            "--rounds=1",
            "--duration=500ms",
            "--warm-up=200ms",
            "--report=" + page);

    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode report = run.json().getFirst();
    assertThat(report.get("machine").get("cores").asInt()).isPositive();
    JsonNode row = report.get("rows").get(0);
    assertThat(row.get("scenario").asText()).isEqualTo("throughput-classifier");
    assertThat(row.get("sluice").get("rounds")).hasSize(1);
    double sluice = row.get("sluice").get("median").asDouble();
    double bare = row.get("reference").get("median").asDouble();
    assertThat(sluice).isPositive();
    assertThat(row.get("value").get("median").asDouble()).isEqualTo(sluice / bare);
    assertThat(row.get("target").asText()).isEqualTo(">= 0.85");
    assertThat(row.get("facts").get("workers_cpu_ms_per_image").asDouble()).isPositive();
    assertThat(row.get("facts").get("broker_cpu_ms_per_image").asDouble()).isPositive();
    assertThat(row.get("facts").get("bare_cpu_ms_per_image").asDouble()).isPositive();
    assertThat(row.get("facts").get("bare_allocated_bytes_per_image").asDouble()).isPositive();
    assertThat(Files.readString(page)).contains("<svg ", "throughput-classifier");
  }
}

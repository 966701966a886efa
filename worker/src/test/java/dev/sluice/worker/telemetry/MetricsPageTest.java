package dev.sluice.worker.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class MetricsPageTest {
  private static final Path PAGE =
      Path.of(System.getProperty("sluice.home", "..")).resolve("docs/metrics.md");

  /** With -Dsluice.write.docs=true it writes the page instead. */
  @Test
  void thePageIsWhatTheTableOfMetricsSays() throws IOException {
    if (Boolean.getBoolean("sluice.write.docs")) {
      MetricsPage.main(new String[] {PAGE.toString()});
    }

    assertThat(Files.readString(PAGE))
        .as("rewrite it as its second line says")
        .isEqualTo(MetricsPage.text());
  }
}

package dev.sluice.worker.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ConfigurationPageTest {
  private static final Path HOME = Path.of(System.getProperty("sluice.home", ".."));

  /** With -Dsluice.write.docs=true it writes the page instead. */
  @Test
  void thePageIsWhatTheTableOfKeysSays() throws IOException {
    Path page = HOME.resolve("docs/configuration.md");
    if (Boolean.getBoolean("sluice.write.docs")) {
      ConfigurationPage.main(new String[] {page.toString()});
    }

    assertThat(Files.readString(page))
        .as("rewrite it as its second line says")
        .isEqualTo(ConfigurationPage.text());
  }

  @Test
  void theExampleIsAValidConfiguration() {
    WorkerConfiguration example =
        Loading.valid(Loading.file(HOME.resolve("docs/worker.example.yaml")));

    assertThat(example.kafka().groupId()).isEqualTo("sluice");
    assertThat(example.images().addresses().allow()).isNotEmpty();
  }
}

package dev.sluice.worker.inference;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** docs/models.md describes every key of model.yaml, and no other. */
class ModelKeysPageTest {
  private static final Pattern HEADING = Pattern.compile("(?m)^### `([a-z_]+)`");

  @Test
  void everyKeyHasItsParagraph() throws IOException {
    Path page =
        Path.of(requireNonNull(System.getProperty("sluice.home"))).resolve("docs/models.md");

    List<String> described =
        HEADING.matcher(Files.readString(page)).results().map(heading -> heading.group(1)).toList();

    assertThat(described)
        .containsExactlyElementsOf(ModelKey.all().stream().map(ModelKey::text).toList());
  }
}

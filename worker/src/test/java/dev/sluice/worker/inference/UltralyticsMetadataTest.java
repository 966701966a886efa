package dev.sluice.worker.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class UltralyticsMetadataTest {
  @Test
  void readsWhatTheExporterWrites() {
    Map<String, String> metadata =
        Map.of(
            "task", "detect",
            "stride", "32",
            "imgsz", "[480, 640]",
            "names", "{0: 'person', 1: \"driver's seat\", 2: 'it\\'s', 10: 'x'}");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> UltralyticsMetadata.read(metadata))
        .withMessageContaining("names");

    Map<String, String> dense =
        Map.of(
            "task", "detect",
            "stride", "32",
            "imgsz", "[480, 640]",
            "names", "{0: 'person', 1: \"driver's seat\", 2: 'it\\'s: 3: one'}");
    assertThat(UltralyticsMetadata.read(dense))
        .hasValueSatisfying(read -> {
          assertThat(read.task()).isEqualTo("detect");
          assertThat(read.labels()).containsExactly("person", "driver's seat", "it's: 3: one");
          assertThat(read.stride()).isEqualTo(32);
          assertThat(read.height()).isEqualTo(480);
          assertThat(read.width()).isEqualTo(640);
        });
  }

  @Test
  void takesAnEarlyExportForADetectorOfTheUsualSize() {
    assertThat(UltralyticsMetadata.read(Map.of("stride", "32", "names", "{0: 'person'}")))
        .contains(new UltralyticsMetadata("detect", List.of("person"), 32, 640, 640));
  }

  @Test
  void isSilentAboutOtherExporters() {
    assertThat(UltralyticsMetadata.read(Map.of("task", "something else"))).isEmpty();
    assertThat(UltralyticsMetadata.read(Map.of())).isEmpty();
  }

  @Test
  void saysWhichValueItCannotRead() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> UltralyticsMetadata.read(Map.of("task", "detect", "imgsz", "huge")))
        .withMessageContaining("imgsz")
        .withMessageContaining("huge");
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            UltralyticsMetadata.read(Map.of("task", "detect", "imgsz", "[1, 1]", "stride", "wide")))
        .withMessageContaining("stride");
  }
}

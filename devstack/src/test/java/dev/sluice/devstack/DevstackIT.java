package dev.sluice.devstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.sluice.devstack.Devstack.Part;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DevstackIT {
  @Test
  void startsAllPartsAndSaysWhereTheyAre() {
    List<String> lines = new ArrayList<>();
    try (Devstack devstack =
        Devstack.launch(options(EnumSet.allOf(Part.class), Assets.photographs()), lines::add)) {
      assertThat(devstack.addresses())
          .containsOnlyKeys(Part.values())
          .containsEntry(Part.KAFKA, devstack.kafka().bootstrapServers())
          .containsEntry(Part.SCHEMA_REGISTRY, devstack.schemaRegistry().url());
      assertThat(Http.status(devstack.imageServer().url("/signtext.jpg"))).isEqualTo(200);
      assertThat(lines)
          .hasSize(2 * Part.values().length)
          .anyMatch(line -> line.endsWith(devstack.objectStore().endpoint()));
      lines.forEach(System.out::println);
    }
  }

  @Test
  void startsOnlyWhatWasAskedFor(@TempDir Path folder) {
    try (Devstack devstack =
        Devstack.launch(options(Set.of(Part.IMAGE_SERVER), folder), line -> {})) {
      assertThatIllegalStateException()
          .isThrownBy(devstack::kafka)
          .withMessageContaining("Kafka cluster");
    }
  }

  @Test
  void saysWhichPartDidNotStart(@TempDir Path folder) {
    assertThatExceptionOfType(ServerException.class)
        .isThrownBy(() ->
            Devstack.launch(
                options(Set.of(Part.IMAGE_SERVER), folder.resolve("missing")), line -> {}))
        .withMessageContaining("missing");
  }

  @Test
  void theAssetsAreThere() {
    assertThat(Assets.photographs().resolve("signtext.jpg")).isNotEmptyFile();
    Path model = Assets.models().resolve("ppocr");
    assertThat(model.resolve("1/model.onnx")).isNotEmptyFile();
    assertThat(model.resolve("1/recognition.onnx")).isNotEmptyFile();
    assertThat(model.resolve("model.yaml")).content().contains("task: text");
    assertThat(Files.isDirectory(Assets.home())).isTrue();
  }

  private static Devstack.Options options(Set<Part> parts, Path images) {
    return new Devstack.Options(parts, 1, KafkaSettings.Tuning.FAST_START, images, Map.of());
  }
}

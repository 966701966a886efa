package dev.sluice.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.devstack.Assets;
import dev.sluice.worker.image.DecodeSettings;
import dev.sluice.worker.image.ImageDecoder;
import dev.sluice.worker.inference.InferenceInput;
import dev.sluice.worker.inference.ModelRepository;
import dev.sluice.worker.inference.RepositorySettings;
import dev.sluice.worker.inference.ServedModel;
import dev.sluice.worker.model.Deadline;
import dev.sluice.worker.model.ModelSelector;
import dev.sluice.worker.model.Output.TextLine;
import dev.sluice.worker.model.Output.TextLines;
import java.io.IOException;
import java.nio.file.Files;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** From a photograph's bytes to its text: the real decoder and the real model, in one batch. */
class ReadingPhotographsTest {
  @Test
  void readsWhatIsWrittenOnThem() throws IOException, InterruptedException {
    try (ImageDecoder decoder =
            new ImageDecoder(DecodeSettings.defaults(), InstantSource.system());
        ModelRepository repository =
            ModelRepository.open(Assets.models(), RepositorySettings.defaults())) {
      ServedModel model =
          repository.find(new ModelSelector("ppocr", new ModelSelector.Version.Serving()));
      List<InferenceInput> batch = new ArrayList<>();
      for (String name : List.of("signtext.jpg", "photo.JPG", "bird.png", "text.png")) {
        byte[] encoded = Files.readAllBytes(Assets.photographs().resolve(name));
        batch.add(
            new InferenceInput(
                decoder.decode(encoded, model.task().geometries(), new Deadline.None()),
                Map.of("threshold", "0.6")));
      }

      List<List<String>> texts =
          model.lanes().getFirst().infer(batch).stream()
              .map(output -> ((TextLines) output).lines().stream().map(TextLine::text).toList())
              .toList();

      // Its EXIF data turns it by a quarter: the lines run downwards, the first one at the right.
      assertThat(texts.get(0))
          .containsExactly(
              "SHELBURNE",
              "CEMETERY",
              "This 22-acre burial ground was virgin forest",
              "when obtained by the first Shelburne Council",
              "in 1879 for use as a cemetery.",
              "Bodies interred in an earlier cemetery adjacent",
              "to the original St. Paul's Anglican Church were",
              "transferred to the new Shelburne Cemetery",
              "around 1891.",
              "This cemetery is still in use a century later.");
      assertThat(texts.get(1)).contains("Portes", "Gates");
      assertThat(texts.get(2)).as("there is nothing to read on a bird").isEmpty();
      assertThat(texts.get(3))
          .containsExactly("H ELLO WORLD", "H ELLO WORLD", "HELLO", "HELLO WORLD");
    }
  }
}

package dev.sluice.worker.inference.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.devstack.Assets;
import dev.sluice.worker.inference.InferenceInput;
import dev.sluice.worker.inference.ModelConfigurationException;
import dev.sluice.worker.inference.ModelRepository;
import dev.sluice.worker.inference.RepositorySettings;
import dev.sluice.worker.inference.ServedModel;
import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.ModelSelector;
import dev.sluice.worker.model.Output.Point;
import dev.sluice.worker.model.Output.TextLine;
import dev.sluice.worker.model.Output.TextLines;
import dev.sluice.worker.model.TaskException;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole task with the real PP-OCRv4 on real photographs. */
class PpOcrTest {
  private static final List<String> SIGN =
      List.of(
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
  private static final List<String> HELLO =
      List.of("H ELLO WORLD", "H ELLO WORLD", "HELLO", "HELLO WORLD");

  private static ModelRepository repository;
  private static ServedModel model;

  @BeforeAll
  static void load() {
    repository = ModelRepository.open(Assets.models(), RepositorySettings.defaults());
    model = repository.find(new ModelSelector("ppocr", new ModelSelector.Version.Serving()));
  }

  @AfterAll
  static void unload() {
    repository.close();
  }

  @Test
  void readsEveryLineOfASign() throws IOException {
    List<TextLine> lines = read(photograph("signtext.jpg"));

    assertThat(lines).extracting(TextLine::text).isEqualTo(SIGN);
    assertThat(lines).allSatisfy(line -> assertThat(line.score()).isBetween(0.9f, 1f));
    // "CEMETERY" as measured on the photograph, from the C's left edge to the Y's right one.
    assertPolygon(lines.get(1), 90, 473, 730, 473, 730, 568, 90, 568);
  }

  @Test
  void readsSmallTextOnAPhotograph() throws IOException {
    // The recognition graph leaves out many of the spaces between small capitals.
    assertThat(read(photograph("lab-sign.jpg")))
        .extracting(line -> line.text().replace(" ", ""))
        .containsExactly(
            "LABORATOIRELEPERS",
            "LABORATOIRELEPERS",
            "NOUSAVONSDEMENAGE",
            "WEMOVED",
            "NOUVELLEADRESSE",
            "NEWADRESS",
            "N°47RuedelaLIBERTEACOTEdelaPHARMACIEMARINAROYALE");
  }

  @Test
  void readsTextAtAnAngle() throws IOException {
    List<TextLine> lines = read(photograph("text.png"));

    assertThat(lines).extracting(TextLine::text).isEqualTo(HELLO);
    Point start = lines.get(1).polygon().get(0);
    Point end = lines.get(1).polygon().get(1);
    assertThat(Math.toDegrees(Math.atan2(end.y() - start.y(), end.x() - start.x())))
        .as("the second line slopes down to the right")
        .isCloseTo(33.5, within(2.0));
  }

  @Test
  void readsTextThatRunsDownwards() throws IOException {
    List<TextLine> lines = read(Photographs.turned(photograph("text.png")));

    assertThat(lines).extracting(TextLine::text).isEqualTo(HELLO);
    assertThat(lines)
        .filteredOn(line -> line.text().equals("HELLO"))
        .singleElement()
        .satisfies(line -> {
          Point start = line.polygon().get(0);
          Point end = line.polygon().get(1);
          assertThat(end.y() - start.y()).as("reading runs downwards").isGreaterThan(100);
          assertThat(end.x()).isCloseTo(start.x(), within(8f));
        });
  }

  @Test
  void readsTheSameAloneAndInABatch() throws IOException {
    // The first, the second and the last are of one size.
    List<BufferedImage> images =
        List.of(
            photograph("lab-sign.jpg"),
            blank(640, 480),
            photograph("text.png"),
            photograph("lab-sign.jpg"));
    List<InferenceInput> batch = new ArrayList<>();
    for (BufferedImage image : images) {
      batch.add(input(image, Map.of()));
    }

    List<TextLines> together = infer(batch);

    for (int i = 0; i < batch.size(); i++) {
      assertClose(together.get(i).lines(), infer(List.of(batch.get(i))).getFirst().lines());
    }
  }

  @Test
  void readsNothingWhereThereIsNothing() {
    assertThat(read(blank(320, 240))).isEmpty();
    assertThat(read(blank(1, 1))).isEmpty();
  }

  @Test
  void aRequestMaySetTheThreshold() throws IOException {
    BufferedImage image = photograph("text.png");
    List<TextLine> all = infer(List.of(input(image, Map.of("threshold", "0")))).getFirst().lines();
    float best = (float) all.stream().mapToDouble(TextLine::score).max().orElseThrow();

    List<TextLine> few =
        infer(List.of(input(image, Map.of("threshold", String.valueOf(best))))).getFirst().lines();

    assertThat(few).extracting(TextLine::score).containsExactly(best);
  }

  @Test
  void refusesSillyParameters() {
    model.task().validateParameters(Map.of("threshold", "0.3"));
    assertThatExceptionOfType(TaskException.class)
        .isThrownBy(() -> model.task().validateParameters(Map.of("threshold", "2")))
        .withMessageContaining("threshold is '2'")
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST));
  }

  @Test
  void refusesGraphsThatAreNotPpOcrs(@TempDir Path root) throws IOException {
    Path ppOcr = Assets.models().resolve("ppocr/1");
    Path recognition = ppOcr.resolve("recognition.onnx");
    assertRefused(
        root.resolve("a"),
        recognition,
        recognition,
        "text detection needs an output FP32 or FP16 [-1, 1, -1, -1] (-1: any), but the model has"
            + " [softmax_11.tmp_0 FP32[-1, -1, 6625]]");
    Path detection = ppOcr.resolve("model.onnx");
    assertRefused(root.resolve("b"), detection, detection, "text recognition needs the characters");
  }

  private static void assertRefused(Path root, Path detection, Path recognition, String reason)
      throws IOException {
    add(root, detection, recognition);
    Files.writeString(root.resolve("text/model.yaml"), "task: text");
    assertThatExceptionOfType(ModelConfigurationException.class)
        .isThrownBy(() -> ModelRepository.open(root, RepositorySettings.defaults()).close())
        .withMessageContaining(reason);
  }

  private static void add(Path root, Path detection, Path recognition) throws IOException {
    Path version = Files.createDirectories(root.resolve("text/1"));
    Files.copy(detection, version.resolve("model.onnx"));
    Files.copy(recognition, version.resolve("recognition.onnx"));
  }

  private static BufferedImage photograph(String name) throws IOException {
    return Photographs.opaque(ImageIO.read(Assets.photographs().resolve(name).toFile()));
  }

  private static BufferedImage blank(int width, int height) {
    BufferedImage blank = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = blank.createGraphics();
    graphics.setColor(Color.LIGHT_GRAY);
    graphics.fillRect(0, 0, width, height);
    graphics.dispose();
    return blank;
  }

  private static InferenceInput input(BufferedImage image, Map<String, String> parameters) {
    return new InferenceInput(Photographs.decoded(image, model.task().geometries()), parameters);
  }

  private static List<TextLine> read(BufferedImage image) {
    return infer(List.of(input(image, Map.of()))).getFirst().lines();
  }

  private static List<TextLines> infer(List<InferenceInput> batch) {
    return model.lanes().getFirst().infer(batch).stream().map(TextLines.class::cast).toList();
  }

  private static void assertClose(List<TextLine> actual, List<TextLine> expected) {
    assertThat(actual)
        .extracting(TextLine::text)
        .isEqualTo(expected.stream().map(TextLine::text).toList());
    for (int i = 0; i < expected.size(); i++) {
      assertThat(actual.get(i).score()).isCloseTo(expected.get(i).score(), within(1e-3f));
      for (int corner = 0; corner < 4; corner++) {
        Point point = expected.get(i).polygon().get(corner);
        assertThat(actual.get(i).polygon().get(corner).x()).isCloseTo(point.x(), within(0.5f));
        assertThat(actual.get(i).polygon().get(corner).y()).isCloseTo(point.y(), within(0.5f));
      }
    }
  }

  private static void assertPolygon(TextLine line, float... expected) {
    for (int corner = 0; corner < 4; corner++) {
      Point point = line.polygon().get(corner);
      assertThat(point.x())
          .as("x of corner %d", corner)
          .isCloseTo(expected[2 * corner], within(8f));
      assertThat(point.y())
          .as("y of corner %d", corner)
          .isCloseTo(expected[2 * corner + 1], within(8f));
    }
  }
}

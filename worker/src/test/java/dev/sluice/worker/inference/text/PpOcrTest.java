package dev.sluice.worker.inference.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OrtException;
import dev.sluice.devstack.Assets;
import dev.sluice.worker.inference.Graph;
import dev.sluice.worker.inference.InferenceInput;
import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.Output.Point;
import dev.sluice.worker.model.Output.TextLine;
import dev.sluice.worker.model.Output.TextLines;
import dev.sluice.worker.model.TaskException;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

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

  private static TestGraph detection;
  private static TestGraph recognition;
  private static TextTask task;

  @BeforeAll
  static void load() throws OrtException, IOException {
    Path model = Assets.models().resolve("ppocr/1");
    detection = new TestGraph(model.resolve("model.onnx"));
    recognition = new TestGraph(model.resolve("recognition.onnx"));
    task = new TextTask(TextSettings.ppOcr(), detection.signature(), recognition.signature());
  }

  @AfterAll
  static void unload() throws OrtException {
    detection.close();
    recognition.close();
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
    List<TextLine> lines = read(TestImages.turned(photograph("text.png")));

    assertThat(lines).extracting(TextLine::text).containsExactlyInAnyOrderElementsOf(HELLO);
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
    List<BufferedImage> images =
        List.of(
            photograph("signtext.jpg"),
            photograph("lab-sign.jpg"),
            blank(640, 480),
            photograph("text.png"),
            photograph("signtext.jpg"));
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
    task.validateParameters(Map.of("threshold", "0.3"));
    assertThatExceptionOfType(TaskException.class)
        .isThrownBy(() -> task.validateParameters(Map.of("threshold", "2")))
        .withMessageContaining("threshold is '2'")
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST));
  }

  @Test
  void refusesGraphsThatAreNotPpOcrs() {
    TextSettings settings = TextSettings.ppOcr();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TextTask(settings, recognition.signature(), recognition.signature()))
        .withMessageContaining("text detection needs an output")
        .withMessageContaining("[-1, -1, 6625]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new TextTask(settings, detection.signature(), detection.signature()))
        .withMessageContaining("text recognition needs the characters");
  }

  private static BufferedImage photograph(String name) throws IOException {
    return TestImages.opaque(ImageIO.read(Assets.photographs().resolve(name).toFile()));
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
    return new InferenceInput(TestImages.decoded(image, task.geometries()), parameters);
  }

  private static List<TextLine> read(BufferedImage image) {
    return infer(List.of(input(image, Map.of()))).getFirst().lines();
  }

  private static List<TextLines> infer(List<InferenceInput> batch) {
    Map<String, Graph> graphs = Map.of("model", detection, TextTask.RECOGNITION, recognition);
    return task.infer(graphs, batch).stream().map(TextLines.class::cast).toList();
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

package dev.sluice.worker.inference;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.devstack.Assets;
import dev.sluice.devstack.onnx.OnnxModels;
import dev.sluice.worker.image.DecodeSettings;
import dev.sluice.worker.image.ImageDecoder;
import dev.sluice.worker.model.Deadline;
import dev.sluice.worker.model.DecodedImage;
import dev.sluice.worker.model.Geometry;
import dev.sluice.worker.model.ModelSelector;
import dev.sluice.worker.model.Output;
import dev.sluice.worker.model.Pixels;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every task answers for real photographs does not change when the way there gets faster: bit
 * for bit in batches of one size, within a ten-thousandth between batch sizes.
 *
 * <p>The answers are in golden.txt. ONNX Runtime and OpenCV choose their instructions by the
 * processor and round differently with each, so the file says which processor it was written on; on
 * another kind the numbers need only be close to it. With -Dsluice.write.golden=true the test
 * writes the file instead.
 */
class GoldenTest {
  private static final String RESOURCE = "golden.txt";
  private static final String PIXELS = "pixels";

  /** For one model and photograph in batches of two sizes. */
  private static final double BETWEEN_BATCH_SIZES = 1e-4;

  /** For another kind of processor, which may round some pixels to the next level. */
  private static final double BETWEEN_PROCESSORS = 1e-2;

  private static final List<String> PHOTOGRAPHS =
      List.of(
          "35smm_original.jpg",
          "bird.png",
          "cat.jpg",
          "fisheye.jpeg",
          "green-rose.jpeg",
          "lab-sign.jpg",
          "red-rose.jpeg",
          "sinaface.jpg");
  private static final List<String> WITH_TEXT = List.of("lab-sign.jpg", "text.png");

  @TempDir private static Path root;

  private static ModelRepository repository;
  private static ImageDecoder decoder;

  /** One line of the file: what it is about, and what was found. */
  private record Line(String about, String found) {}

  @BeforeAll
  static void load() throws IOException {
    copy("text", Assets.models().resolve("ppocr/1/model.onnx"), "model.onnx", "task: text");
    copy("text", Assets.models().resolve("ppocr/1/recognition.onnx"), "recognition.onnx", "");
    copy(
        "direction",
        Assets.directionModel(),
        "model.onnx",
        """
        task: classification
        labels: [upright, upside_down]
        resize: {kind: stretch, width: 192, height: 48}
        color: BGR
        mean: 0.5
        std: 0.5
        """);
    copy(
        "map",
        Assets.models().resolve("ppocr/1/model.onnx"),
        "model.onnx",
        """
        resize: {kind: letterbox, width: 320, height: 320}
        color: BGR
        mean: [0.485, 0.456, 0.406]
        std: [0.229, 0.224, 0.225]
        """);
    OnnxModels.convolutional(16, 2).write(root.resolve("convolutional/1/model.onnx"));
    describe(
        "convolutional",
        """
        task: classification
        resize: center_crop
        mean: [0.485, 0.456, 0.406]
        std: [0.229, 0.224, 0.225]
        top_k: 10
        """);
    OnnxModels.ultralyticsQuarterDetector().write(root.resolve("detector/1/model.onnx"));
    describe("detector", "threshold: 0.3");
    OnnxModels.quarterDetectorInFractions().write(root.resolve("fractions/1/model.onnx"));
    describe(
        "fractions",
        "{task: detection, labels: [background, red, green, blue], resize: stretch, threshold:"
            + " 0.3}");
    OnnxModels.colorEmbedding().write(root.resolve("embedding/1/model.onnx"));
    describe(
        "embedding",
        """
        task: embedding
        resize: {kind: within, longer_side: 64, multiple: 8}
        normalize: l2
        """);
    OnnxModels.colorClassifierOnBytes().write(root.resolve("bytes/1/model.onnx"));
    describe("bytes", "{task: classification, labels: [red, green, blue]}");
    OnnxModels.colorClassifierInHalfPrecision().write(root.resolve("half/1/model.onnx"));
    describe("half", "task: classification\nlabels: [red, green, blue]");
    OnnxModels.colorClassifierWithFixedBatch(4).write(root.resolve("fixed/1/model.onnx"));
    describe("fixed", "{task: classification, labels: [red, green, blue]}");
    repository = ModelRepository.open(root, RepositorySettings.defaults());
    decoder = new ImageDecoder(DecodeSettings.defaults(), InstantSource.system());
  }

  @AfterAll
  static void close() {
    repository.close();
    decoder.close();
  }

  @Test
  void answersDoNotChange() throws IOException, InterruptedException {
    List<Line> found = new ArrayList<>();
    for (ServedModel model : repository.serving()) {
      boolean text = model.name().equals("text");
      List<InferenceInput> images = new ArrayList<>();
      List<String> photographs = text ? WITH_TEXT : PHOTOGRAPHS;
      for (String photograph : photographs) {
        DecodedImage decoded = decoded(photograph, model.task().geometries());
        images.add(new InferenceInput(decoded, Map.of()));
        found.add(
            new Line("%s %s %s".formatted(model.name(), photograph, PIXELS), pixels(decoded)));
      }
      for (int size : text ? List.of(1, 2) : List.of(1, 2, 3, 8)) {
        infer(model, photographs, images, size, found);
      }
    }

    assertBatchSizesAgree(found);
    if (Boolean.getBoolean("sluice.write.golden")) {
      write(found);
    } else {
      assertGolden(found);
    }
  }

  @Test
  void answersAreCloseWhenTheGraphNormalises(@TempDir Path edited)
      throws IOException, InterruptedException {
    List<String> names = List.of("convolutional", "detector", "direction", "embedding", "half");
    for (String name : names) {
      Path version = Files.createDirectories(edited.resolve(name).resolve("1"));
      Files.copy(root.resolve(name).resolve("1/model.onnx"), version.resolve("model.onnx"));
      Files.writeString(
          edited.resolve(name).resolve("model.yaml"),
          Files.readString(root.resolve(name).resolve("model.yaml")) + "\nnormalize_in: graph\n");
    }
    try (ModelRepository inGraph = ModelRepository.open(edited, RepositorySettings.defaults())) {
      for (String name : names) {
        ServedModel plain = repository.find(serving(name));
        ServedModel itself = inGraph.find(serving(name));
        assertThat(itself.metadata()).isEqualTo(plain.metadata());
        List<InferenceInput> images = new ArrayList<>();
        for (String photograph : PHOTOGRAPHS) {
          images.add(new InferenceInput(decoded(photograph, plain.task().geometries()), Map.of()));
        }
        for (int size : List.of(1, 8)) {
          List<Line> expected = new ArrayList<>();
          List<Line> found = new ArrayList<>();
          infer(plain, PHOTOGRAPHS, images, size, expected);
          infer(itself, PHOTOGRAPHS, images, size, found);
          for (int i = 0; i < found.size(); i++) {
            GoldenText.assertClose(
                found.get(i).about(),
                found.get(i).found(),
                expected.get(i).found(),
                BETWEEN_BATCH_SIZES);
          }
        }
      }
    }
  }

  private static ModelSelector serving(String name) {
    return new ModelSelector(name, new ModelSelector.Version.Serving());
  }

  private static void infer(
      ServedModel model,
      List<String> photographs,
      List<InferenceInput> images,
      int size,
      List<Line> found) {
    // Not each lane's: they share a session. The last batch may be smaller.
    Lane lane = model.lanes().getFirst();
    for (int from = 0; from < images.size(); from += size) {
      int to = Math.min(from + size, images.size());
      List<Output> outputs = lane.infer(images.subList(from, to));
      for (int i = from; i < to; i++) {
        found.add(
            new Line(
                "%s %s batches of %d".formatted(model.name(), photographs.get(i), size),
                GoldenText.of(outputs.get(i - from))));
      }
    }
  }

  private static void assertBatchSizesAgree(List<Line> found) {
    Map<String, Line> alone = new TreeMap<>();
    for (Line line : found) {
      if (!line.about().endsWith(PIXELS)) {
        String image = line.about().replaceFirst(" batches of .*", "");
        Line first = alone.computeIfAbsent(image, _ -> line);
        GoldenText.assertClose(line.about(), line.found(), first.found(), BETWEEN_BATCH_SIZES);
      }
    }
  }

  private static void assertGolden(List<Line> found) throws IOException {
    List<String> golden = read();
    assertThat(found).hasSize(golden.size() - 1);
    boolean sameKind = golden.getFirst().equals(Processor.kind());
    if (!sameKind) {
      System.out.printf(
          "golden.txt is of another kind of processor: compared within %s%n  %s%n  here %s%n",
          BETWEEN_PROCESSORS, golden.getFirst(), Processor.kind());
    }
    for (int i = 0; i < found.size(); i++) {
      Line line = found.get(i);
      String expected = golden.get(i + 1);
      assertThat(expected).startsWith(line.about() + ": ");
      String answer = expected.substring(line.about().length() + 2);
      if (sameKind) {
        assertThat(line.found()).as(line.about()).isEqualTo(answer);
      } else {
        GoldenText.assertClose(line.about(), line.found(), answer, BETWEEN_PROCESSORS);
      }
    }
  }

  private static List<String> read() throws IOException {
    try (InputStream in =
        requireNonNull(GoldenTest.class.getResourceAsStream(RESOURCE), RESOURCE + " is missing")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }

  private static void write(List<Line> found) throws IOException {
    Path folder = Assets.home().resolve("worker/src/test/resources/dev/sluice/worker/inference");
    Files.createDirectories(folder);
    Files.write(
        folder.resolve(RESOURCE),
        Stream.concat(
                Stream.of(Processor.kind()),
                found.stream().map(line -> line.about() + ": " + line.found()))
            .toList());
  }

  private static DecodedImage decoded(String photograph, List<Geometry> geometries)
      throws IOException, InterruptedException {
    byte[] encoded = Files.readAllBytes(Assets.photographs().resolve(photograph));
    return decoder.decode(encoded, geometries, new Deadline.None());
  }

  private static String pixels(DecodedImage image) {
    List<String> sums = new ArrayList<>();
    for (Pixels rendition : image.renditions()) {
      sums.add(
          "%dx%d %s"
              .formatted(
                  rendition.width(), rendition.height(), GoldenText.checksum(rendition.rgb())));
    }
    return String.join(" ", sums);
  }

  private static void copy(String model, Path file, String name, String yaml) throws IOException {
    Path version = Files.createDirectories(root.resolve(model).resolve("1"));
    Files.copy(file, version.resolve(name));
    if (!yaml.isEmpty()) {
      describe(model, yaml);
    }
  }

  private static void describe(String model, String yaml) throws IOException {
    Files.writeString(root.resolve(model).resolve("model.yaml"), yaml);
  }

  /** What the native libraries choose their instructions by. */
  private static final class Processor {
    static String kind() {
      return "onnxruntime %s, %s"
          .formatted(OnnxRuntimeLibrary.environment().getVersion(), instructions());
    }

    private static String instructions() {
      Path description = Path.of("/proc/cpuinfo");
      if (!Files.isReadable(description)) {
        return System.getProperty("os.name") + " " + System.getProperty("os.arch");
      }
      try (Stream<String> lines = Files.lines(description)) {
        return lines
            .takeWhile(line -> !line.isBlank())
            .filter(line -> line.matches("(vendor_id|flags|Features|CPU implementer)\\s*:.*"))
            .flatMap(line -> Stream.of(line.replaceFirst(".*: ", "").split(" ")))
            .filter(
                word -> word.matches("(?i).*(intel|amd|0x|avx|sse|fma|amx|asimd|sve|i8mm|bf16).*"))
            .sorted()
            .reduce((one, other) -> one + " " + other)
            .orElse("unknown");
      } catch (IOException unreadable) {
        throw new UncheckedIOException(unreadable);
      }
    }
  }
}

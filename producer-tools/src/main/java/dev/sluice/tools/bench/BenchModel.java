package dev.sluice.tools.bench;

import dev.sluice.devstack.Assets;
import dev.sluice.tools.CommandException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A model to measure with, which can write itself as a repository of its own.
 *
 * @param name in the repository
 * @param title for people: what it really is
 * @param yaml its model.yaml
 * @param files what its version holds, by the name that each has there
 */
record BenchModel(String name, String title, String yaml, List<ModelFile> files) {
  private static final String DIRECTION_YAML =
      """
      task: classification
      labels: ["0", "180"]
      resize: {kind: stretch, width: 192, height: 48}
      mean: 0.5
      std: 0.5
      color: BGR
      """;

  /** With it finding takes some 40 ms of one core of 2026. */
  private static final int TEXT_SIDE = 512;

  BenchModel {
    files = List.copyOf(files);
  }

  /** A file of a version. */
  record ModelFile(String name, Path file) {}

  /** About 1 ms on a core. */
  static BenchModel classifier() {
    return new BenchModel(
        "direction",
        "PP-OCR direction classifier, 48x192, FP32",
        DIRECTION_YAML,
        List.of(new ModelFile("model.onnx", Assets.directionModel())));
  }

  /**
   * About 40 ms on a core, as long as there is no text in the photograph: finds lines of text, and
   * reads those that it has found.
   */
  static BenchModel detector() throws IOException {
    return text(
        "PP-OCRv4 text detection, longer side %d, FP32; nothing to read in the photographs"
            .formatted(TEXT_SIDE),
        "resize: {kind: within, longer_side: %d}\n".formatted(TEXT_SIDE));
  }

  /** What {@code sluice demo} shows. */
  static BenchModel demo() throws IOException {
    return text("PP-OCRv4 text detection and recognition, FP32: the demo's", "");
  }

  private static BenchModel text(String title, String more) throws IOException {
    Path version = Assets.models().resolve("ppocr").resolve("1");
    try (Stream<Path> files = Files.list(version)) {
      return new BenchModel(
          "text",
          title,
          "task: text\n" + more,
          files.map(file -> new ModelFile(String.valueOf(file.getFileName()), file)).toList());
    }
  }

  /**
   * A device that only takes time.
   *
   * @param simulated the value of that key in model.yaml
   * @param more other lines of model.yaml
   */
  static BenchModel simulated(String simulated, String more) {
    return new BenchModel(
        "simulated",
        "simulated device " + simulated,
        "device: simulated\nsimulated: %s\n%s".formatted(simulated, more),
        List.of());
  }

  /** A person's own file, which speaks for itself or is said what it does. */
  static BenchModel own(Path file, String task) {
    if (!Files.isRegularFile(file)) {
      throw CommandException.usage("--model " + file + " is not a file");
    }
    return new BenchModel(
        "own",
        String.valueOf(file.getFileName()),
        task.isEmpty() ? "" : "task: " + task + "\n",
        List.of(new ModelFile("model.onnx", file.toAbsolutePath())));
  }

  /** Makes a repository that holds this model alone, as the folder {@code repository}. */
  void write(Path repository) throws IOException {
    Path folder = repository.resolve(name);
    Path version = Files.createDirectories(folder.resolve("1"));
    Files.writeString(folder.resolve("model.yaml"), yaml);
    for (ModelFile file : files) {
      Files.createSymbolicLink(version.resolve(file.name()), file.file().toRealPath());
    }
  }
}

package dev.sluice.tools.bench;

import dev.sluice.devstack.Assets;
import dev.sluice.tools.CommandException;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
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

  private static final Pattern VERSION = Pattern.compile("[0-9]+");

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

  /**
   * A person's own: an ONNX file, which speaks for itself or is said what it does, or the model's
   * folder in a repository, where the highest version counts.
   *
   * @param task what a file does; empty: what its metadata says
   */
  static BenchModel own(Path path, String task) throws IOException {
    if (Files.isRegularFile(path)) {
      return new BenchModel(
          "own",
          String.valueOf(path.getFileName()),
          task.isEmpty() ? "" : "task: " + task + "\n",
          List.of(new ModelFile("model.onnx", path.toAbsolutePath())));
    }
    if (!Files.isDirectory(path)) {
      throw CommandException.usage("--model " + path + " is neither a file nor a folder");
    }
    if (!task.isEmpty()) {
      throw CommandException.usage(
          "--task is for an ONNX file; of the folder %s its model.yaml says it".formatted(path));
    }
    Path version = highestVersion(path);
    try (Stream<Path> files = Files.list(version)) {
      Path description = path.resolve("model.yaml");
      return new BenchModel(
          "own",
          path.getFileName() + " version " + version.getFileName(),
          Files.exists(description) ? Files.readString(description) : "",
          files
              .map(file -> new ModelFile(String.valueOf(file.getFileName()), file.toAbsolutePath()))
              .toList());
    }
  }

  private static Path highestVersion(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(entry -> VERSION.matcher(String.valueOf(entry.getFileName())).matches())
          .max(Comparator.comparing(entry -> new BigInteger(entry.getFileName().toString())))
          .orElseThrow(() ->
              CommandException.usage(
                  "--model %s holds no version: a folder whose name is a number"
                      .formatted(folder)));
    }
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

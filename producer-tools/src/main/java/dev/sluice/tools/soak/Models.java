package dev.sluice.tools.soak;

import dev.sluice.devstack.onnx.OnnxGraph;
import dev.sluice.devstack.onnx.OnnxModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The models of a soak, whose right answers follow from an image's colour. */
final class Models {
  /** Says whether an image is red, green or blue. */
  static final String COLORS = "colors";

  /** As {@link #COLORS}, but fails on red, with the whole batch. */
  static final String FRAGILE = "fragile";

  private static final String CLASSIFIER =
      """
      task: classification
      labels: [red, green, blue]
      instances: 1
      """;

  private Models() {}

  /** Writes a model repository. */
  static Path write(Path folder) throws IOException {
    add(folder, COLORS, OnnxModels.colorClassifier());
    add(folder, FRAGILE, OnnxModels.failsOnRed());
    return folder;
  }

  private static void add(Path folder, String name, OnnxGraph graph) throws IOException {
    Path version = Files.createDirectories(folder.resolve(name).resolve("1"));
    graph.write(version.resolve("model.onnx"));
    Files.writeString(folder.resolve(name).resolve("model.yaml"), CLASSIFIER);
  }
}

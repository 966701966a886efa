package dev.sluice.tools.local;

import dev.sluice.devstack.Assets;
import dev.sluice.tools.CommandException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The model repository that the demo's worker serves, with one model in it.
 *
 * @param repository laid out as Triton does it
 * @param name the model's
 */
record DemoModel(Path repository, String name) {

  /** The model that comes with Sluice: PP-OCR, reads text. */
  static DemoModel builtIn() {
    return new DemoModel(Assets.models(), "ppocr");
  }

  /**
   * A repository around one ONNX file.
   *
   * @param task as in model.yaml; empty: what the file says itself
   * @param scratch where the repository is made
   */
  static DemoModel of(Path file, String task, Path scratch) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw CommandException.usage("--model " + file + " is not a file");
    }
    String name = name(file);
    Path repository = scratch.resolve("models");
    Path version = Files.createDirectories(repository.resolve(name).resolve("1"));
    Files.createSymbolicLink(version.resolve("model.onnx"), file.toRealPath());
    if (!task.isEmpty()) {
      Files.writeString(repository.resolve(name).resolve("model.yaml"), "task: " + task + "\n");
    }
    return new DemoModel(repository, name);
  }

  /** The file's name as far as a model may be called so. */
  private static String name(Path file) {
    String stem = String.valueOf(file.getFileName()).replaceFirst("\\.onnx$", "");
    return stem.replaceAll("[^A-Za-z0-9._-]", "-").replaceFirst("^[.-]+", "model-");
  }
}

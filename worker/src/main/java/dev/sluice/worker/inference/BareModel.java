package dev.sluice.worker.inference;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Makes a model repository of a single ONNX file, for whoever just wants to try one. */
public final class BareModel {
  private BareModel() {}

  /**
   * Lays out a repository with the file as version 1 of a model named after it. What it is for is
   * read off the file; a file that does not say answers with its tensors.
   *
   * @param repository a folder of its own; made when there is none
   * @return the model's name
   */
  public static String layOut(Path file, Path repository) throws IOException {
    String name = name(file);
    Path version = Files.createDirectories(repository.resolve(name).resolve("1"));
    Files.copy(file, version.resolve("model.onnx"));
    return name;
  }

  /**
   * The same, and says what the model is for.
   *
   * @return the model's name
   */
  public static String layOut(Path file, TaskName task, Path repository) throws IOException {
    String name = layOut(file, repository);
    Files.writeString(
        repository.resolve(name).resolve(ModelSettings.FILE_NAME), "task: " + task.text() + "\n");
    return name;
  }

  /** The file's name without its extension, what a model's name cannot have replaced. */
  private static String name(Path file) {
    String stem =
        String.valueOf(file.getFileName())
            .replaceFirst("\\.onnx$", "")
            .replaceAll("[^A-Za-z0-9._-]", "_")
            .replaceFirst("^[^A-Za-z0-9]+", "");
    return stem.isEmpty() ? "model" : stem;
  }
}

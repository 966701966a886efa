package dev.sluice.system;

import dev.sluice.devstack.onnx.OnnxGraph;
import dev.sluice.devstack.onnx.OnnxModels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A model repository whose answers can be proven. Immutable.
 *
 * @param repository its folder
 */
record Models(Path repository) {
  /** The model that says of an image whether it is red, green or blue. */
  static final String COLORS = "colors";

  private static final String SLOWNESS = "slowness.yaml";

  private static final String CLASSIFIER =
      """
      task: classification
      labels: [red, green, blue]
      """;

  /** Writes a repository with {@link #COLORS} into {@code folder}. */
  static Models create(Path folder) {
    return new Models(folder).add(COLORS, OnnxModels.colorClassifier(), CLASSIFIER);
  }

  /**
   * Adds a model that tells colours as {@link #COLORS} does, one batch at a time, and takes its
   * time for each, until {@link #hurry}.
   */
  Models addSlow(String name, Duration batch) {
    try {
      Files.createDirectories(repository.resolve(name).resolve("1"));
      Files.writeString(
          repository.resolve(name).resolve("model.yaml"),
          """
          device: simulated
          simulated: {control: %s}
          instances: 1
          """
              .formatted(SLOWNESS));
      Files.writeString(slowness(name), "slow: %dms%n".formatted(batch.toMillis()));
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the model " + name, e);
    }
  }

  /** From its next batch on a slow model takes no time. */
  void hurry(String name) {
    try {
      Files.delete(slowness(name));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot change the model " + name, e);
    }
  }

  private Path slowness(String name) {
    return repository.resolve(name).resolve(SLOWNESS);
  }

  /** Adds version 1 of a model. */
  Models add(String name, OnnxGraph graph, String yaml) {
    try {
      Path model = Files.createDirectories(repository.resolve(name).resolve("1"));
      Path written = graph.write(model.resolve("model.onnx"));
      Files.writeString(written.resolveSibling("../model.yaml"), yaml);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the model " + name, e);
    }
  }
}

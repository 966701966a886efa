package dev.sluice.tools.soak;

import dev.sluice.devstack.onnx.OnnxGraph;
import dev.sluice.devstack.onnx.OnnxModels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * The models of a soak, whose right answers follow from an image's colour, in a repository for each
 * worker, so that the device of one can fail alone. Safe for any thread.
 */
final class Models {
  /** Runs on a simulated device, which fails on demand: the default model. */
  static final String DEVICE = "device";

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
  private static final String SIMULATED =
      """
      device: simulated
      simulated: {batch: 2ms, item: 500us, control: faults.yaml}
      instances: 1
      """;

  private final Path folder;

  /**
   * @param folder where the repositories are made
   */
  Models(Path folder) {
    this.folder = folder;
  }

  /** The repository of a worker; it is made if it is not there. */
  Path repository(int worker) {
    Path repository = folder.resolve(Fault.workerName(worker));
    try {
      if (!Files.isDirectory(repository)) {
        add(repository, COLORS, OnnxModels.colorClassifier());
        add(repository, FRAGILE, OnnxModels.failsOnRed());
        Files.createDirectories(repository.resolve(DEVICE).resolve("1"));
        Files.writeString(repository.resolve(DEVICE).resolve("model.yaml"), SIMULATED);
      }
      return repository;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the models of a worker", e);
    }
  }

  private static void add(Path repository, String name, OnnxGraph graph) throws IOException {
    Path version = Files.createDirectories(repository.resolve(name).resolve("1"));
    graph.write(version.resolve("model.onnx"));
    Files.writeString(repository.resolve(name).resolve("model.yaml"), CLASSIFIER);
  }

  /** Lets the device of a worker misbehave, as docs/models.md describes it. */
  void misbehave(int worker, String control) throws IOException {
    Path file = control(worker);
    Path whole = file.resolveSibling("faults.new");
    Files.writeString(whole, control);
    Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Lets it behave again. */
  void behave(int worker) throws IOException {
    Files.deleteIfExists(control(worker));
  }

  private Path control(int worker) {
    return repository(worker).resolve(DEVICE).resolve("faults.yaml");
  }
}

package dev.sluice.worker.inference;

import java.nio.file.Path;
import java.util.List;

/**
 * The model repository cannot be served as it is. Names every problem that was found, each with its
 * file and, where tensors are concerned, their names and the expected and found shapes.
 */
public final class ModelConfigurationException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient List<String> problems;

  /** Says several things that are wrong, each a sentence that names where. */
  public ModelConfigurationException(List<String> problems) {
    super(String.join(System.lineSeparator(), problems));
    this.problems = List.copyOf(problems);
  }

  ModelConfigurationException(Path file, String problem) {
    this(List.of(file + ": " + problem));
  }

  ModelConfigurationException(Path file, String problem, Throwable cause) {
    this(file, problem);
    initCause(cause);
  }

  /** One sentence or more for each problem, the file first. */
  public List<String> problems() {
    return problems;
  }
}

package dev.sluice.worker.config;

import java.util.List;

/**
 * The configuration cannot be used; holds everything that is wrong with it, not the first thing.
 */
public final class ConfigurationException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient List<Problem> problems;

  ConfigurationException(List<Problem> problems) {
    super(text(problems));
    this.problems = List.copyOf(problems);
  }

  /** All that is wrong, never empty. */
  public List<Problem> problems() {
    return problems;
  }

  private static String text(List<Problem> problems) {
    StringBuilder text = new StringBuilder("the configuration has ");
    text.append(problems.size() == 1 ? "a problem:" : problems.size() + " problems:");
    problems.forEach(problem -> text.append("\n  ").append(problem.message()));
    return text.toString();
  }
}

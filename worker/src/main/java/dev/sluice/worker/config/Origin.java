package dev.sluice.worker.config;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;

/** Where a setting came from; its text is what people are told. */
public sealed interface Origin {
  /**
   * A configuration file.
   *
   * @param line from 1
   */
  record File(Path file, int line) implements Origin {
    public File {
      requireNonNull(file, "file is null");
    }

    @Override
    public String toString() {
      return file + ":" + line;
    }
  }

  /** An environment variable. */
  record Environment(String variable) implements Origin {
    public Environment {
      requireNonNull(variable, "variable is null");
    }

    @Override
    public String toString() {
      return "environment variable " + variable;
    }
  }

  /** The command line's {@code --set}. */
  record CommandLine() implements Origin {
    @Override
    public String toString() {
      return "--set";
    }
  }

  /** Nobody set it. */
  record Default() implements Origin {
    @Override
    public String toString() {
      return "default";
    }
  }
}

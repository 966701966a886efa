package dev.sluice.worker.model;

import static java.util.Objects.requireNonNull;

/**
 * The model that a request asks for.
 *
 * @param name the model's name; the worker's default has been filled in where the request named
 *     none
 * @param version which of its versions
 */
public record ModelSelector(String name, Version version) {
  public ModelSelector {
    requireNonNull(name, "name is null");
    requireNonNull(version, "version is null");
  }

  /** Which version of a model. */
  public sealed interface Version {
    /** The one that the worker serves. */
    record Serving() implements Version {}

    /**
     * This one.
     *
     * @param name a version number or an alias
     */
    record Named(String name) implements Version {
      public Named {
        requireNonNull(name, "name is null");
      }
    }
  }
}

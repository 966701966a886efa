package dev.sluice.worker.config;

import static java.util.Objects.requireNonNull;

/**
 * Text that is never printed.
 *
 * @param value the secret itself; ask for it only where it is used
 */
public record Secret(String value) {
  public Secret {
    requireNonNull(value, "value is null");
  }

  @Override
  public String toString() {
    return "(secret)";
  }
}

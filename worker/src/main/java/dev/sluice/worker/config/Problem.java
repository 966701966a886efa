package dev.sluice.worker.config;

import static java.util.Objects.requireNonNull;

/**
 * One thing wrong with the configuration.
 *
 * @param message names the key, the value (never a secret's), where it came from and what is
 *     allowed
 */
public record Problem(String message) {
  public Problem {
    requireNonNull(message, "message is null");
  }
}

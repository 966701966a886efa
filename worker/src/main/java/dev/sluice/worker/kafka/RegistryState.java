package dev.sluice.worker.kafka;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * Who waits for the schema registry.
 *
 * @param waiting records that wait because it cannot be asked
 * @param since when the first of them began to; of no meaning when none waits
 */
public record RegistryState(int waiting, Instant since) {
  public RegistryState {
    requireNonNull(since, "since is null");
  }
}

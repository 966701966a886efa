package dev.sluice.worker.batch;

import static java.util.Objects.requireNonNull;

/**
 * Settings of one {@link Batcher}.
 *
 * @param name names the lanes' threads and appears in messages: the model's name, say
 * @param policy when a lane takes a batch, and how large
 * @param queueCapacity how many items wait for a lane at most; who submits more waits for room
 */
public record BatchSettings(String name, BatchPolicy policy, int queueCapacity) {
  public BatchSettings {
    requireNonNull(name, "name is null");
    requireNonNull(policy, "policy is null");
    if (queueCapacity < 1) {
      throw new IllegalArgumentException("queueCapacity is at least 1: " + queueCapacity);
    }
  }
}

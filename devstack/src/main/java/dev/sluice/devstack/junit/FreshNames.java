package dev.sluice.devstack.junit;

import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Names for topics, groups, buckets and transactional ids that no other test uses, so that tests
 * can share servers. Safe for any thread.
 */
public final class FreshNames {
  private final String unique = UUID.randomUUID().toString().substring(0, 8);
  private final AtomicInteger next = new AtomicInteger();

  FreshNames() {}

  /**
   * A name that starts with {@code role}; another one each time.
   *
   * @param role lower case, so that the name is good for a bucket too
   */
  public String of(String role) {
    return "%s-%s-%d".formatted(role, unique, next.incrementAndGet());
  }
}

package dev.sluice.devstack;

/**
 * What a cluster looks like.
 *
 * @param nodes 1 or 3, each broker and controller at once
 * @param port what the first node listens on when it is free; 0: any free port
 * @param tuning what the brokers' JVMs are good at
 */
public record KafkaSettings(int nodes, int port, Tuning tuning) {
  /** What the JVM of a broker is good at. */
  public enum Tuning {
    /** Up soon, compiles little: for tests. */
    FAST_START,
    /** Compiles fully: for measuring. */
    THROUGHPUT
  }

  /** Validates. */
  public KafkaSettings {
    if (nodes != 1 && nodes != 3) {
      throw new IllegalArgumentException("a cluster has 1 or 3 nodes, not " + nodes);
    }
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("not a port: " + port);
    }
  }

  /** For tests: any free ports, up soon. */
  public static KafkaSettings ofNodes(int nodes) {
    return new KafkaSettings(nodes, 0, Tuning.FAST_START);
  }
}

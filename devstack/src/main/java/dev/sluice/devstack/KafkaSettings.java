package dev.sluice.devstack;

import java.util.HashMap;
import java.util.Map;

/**
 * What a cluster looks like.
 *
 * @param nodes 1 or 3, each broker and controller at once
 * @param port what the first node listens on when it is free; 0: any free port
 * @param tuning what the brokers' JVMs are good at
 * @param brokers settings of every node that differ from those of {@link KafkaQuorum}
 */
public record KafkaSettings(int nodes, int port, Tuning tuning, Map<String, String> brokers) {
  /** What the JVM of a broker is good at. */
  public enum Tuning {
    /** Up soon, compiles little: for tests. */
    FAST_START,
    /** Compiles fully, and may hold thousands of partitions: for measuring. */
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
    brokers = Map.copyOf(brokers);
  }

  /** With the usual settings of the brokers. */
  public KafkaSettings(int nodes, int port, Tuning tuning) {
    this(nodes, port, tuning, Map.of());
  }

  /** The same, with another value of a broker setting, such as {@code authorizer.class.name}. */
  public KafkaSettings withBroker(String setting, String value) {
    Map<String, String> more = new HashMap<>(brokers);
    more.put(setting, value);
    return new KafkaSettings(nodes, port, tuning, more);
  }

  /** For tests: any free ports, up soon. */
  public static KafkaSettings ofNodes(int nodes) {
    return new KafkaSettings(nodes, 0, Tuning.FAST_START);
  }
}

package dev.sluice.worker.telemetry;

import static java.util.Objects.requireNonNull;

/**
 * Where the HTTP surface listens.
 *
 * @param host the address to bind: 0.0.0.0 for all
 * @param port 0 for any free one
 */
public record HttpSettings(String host, int port) {
  public HttpSettings {
    requireNonNull(host, "host is null");
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("not a port: " + port);
    }
  }
}

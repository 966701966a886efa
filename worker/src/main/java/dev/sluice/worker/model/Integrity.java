package dev.sluice.worker.model;

import static java.util.Objects.requireNonNull;

/** What the producer says about the image's bytes. */
public sealed interface Integrity {
  /** Nothing: any bytes are right. */
  record Unchecked() implements Integrity {}

  /**
   * The SHA-256 of the encoded image.
   *
   * @param hex 64 lower-case hexadecimal digits
   */
  record Sha256(String hex) implements Integrity {
    public Sha256 {
      requireNonNull(hex, "hex is null");
      if (!hex.matches("[0-9a-f]{64}")) {
        throw new IllegalArgumentException("a SHA-256 is 64 lower-case hexadecimal digits: " + hex);
      }
    }
  }
}

package dev.sluice.system;

import java.util.Arrays;

/** The values of {@code delivery} that tests run with. */
enum Delivery {
  AT_LEAST_ONCE("at-least-once"),
  EXACTLY_ONCE("exactly-once");

  private final String text;

  Delivery(String text) {
    this.text = text;
  }

  /**
   * What tests run with that hold under each: at-least-once, or what the system property {@code
   * sluice.test.delivery} says.
   */
  static Delivery tested() {
    String wanted = System.getProperty("sluice.test.delivery", AT_LEAST_ONCE.text());
    return Arrays.stream(values())
        .filter(delivery -> delivery.text().equals(wanted))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no delivery is called " + wanted));
  }

  /** As in the configuration. */
  String text() {
    return text;
  }
}

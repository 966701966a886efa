package dev.sluice.system;

/** The values of {@code delivery} that tests run with. */
enum Delivery {
  AT_LEAST_ONCE("at-least-once"),
  EXACTLY_ONCE("exactly-once");

  private final String text;

  Delivery(String text) {
    this.text = text;
  }

  /** As in the configuration. */
  String text() {
    return text;
  }
}

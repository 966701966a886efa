package dev.sluice.tools.soak;

/** What may be wrong with how a request ended. */
enum Defect {
  /** It was acknowledged and has not ended. */
  MISSING("missing"),
  /** It failed and has no dead letter. */
  UNDELIVERED("failed without a dead letter"),
  /** It ended in another way than it must. */
  WRONG("wrong"),
  /** A result or a dead letter of nobody. */
  UNEXPECTED("unexpected"),
  /** A result beyond the first, as a read_committed reader sees it. */
  DUPLICATE("duplicates (read_committed)"),
  /** A dead letter beyond the first. */
  DUPLICATE_DEAD_LETTER("duplicate dead letters"),
  /** A dead letter that dlt replay has sent again twice. */
  REPLAYED_TWICE("replayed twice"),
  /** Its first result came after that of a later request of its key. */
  OUT_OF_ORDER("out of order (by key)");

  private final String title;

  Defect(String title) {
    this.title = title;
  }

  /** How the table calls it. */
  String title() {
    return title;
  }

  /** Whether a worker with these settings must not show it. */
  boolean counts(String delivery, String ordering) {
    return switch (this) {
      case MISSING, UNDELIVERED, WRONG, UNEXPECTED, REPLAYED_TWICE -> true;
      case DUPLICATE, DUPLICATE_DEAD_LETTER -> delivery.equals("exactly-once");
      case OUT_OF_ORDER -> ordering.equals("key");
    };
  }
}

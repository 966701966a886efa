package dev.sluice.worker.model;

/**
 * Hears that a request waits for something that is down for everybody, such as an image store: such
 * a request is not at fault and not at work, so it takes no place from those that can go on. One
 * for each request in flight; called on the request's own thread, and returns at once.
 */
public interface Parking {
  /**
   * The request waits from now on. Comes before {@link #left}, and never twice in a row.
   *
   * @param dependency what it waits for, for people: an origin, "the schema registry"
   */
  void entered(String dependency);

  /** The request goes on. */
  void left();
}

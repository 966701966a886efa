package dev.sluice.worker.model;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.List;

/**
 * Remembers what a request waited for, and fails whoever breaks the order that {@link Parking} asks
 * for. Safe for any thread.
 */
public final class RecordedParking implements Parking {
  @GuardedBy("this")
  private final List<String> waitedFor = new ArrayList<>();

  @GuardedBy("this")
  private boolean parked;

  @Override
  public synchronized void entered(String dependency) {
    if (parked) {
      throw new AssertionError("entered twice: " + waitedFor + ", then " + dependency);
    }
    parked = true;
    waitedFor.add(dependency);
  }

  @Override
  public synchronized void left() {
    if (!parked) {
      throw new AssertionError("left without having entered: " + waitedFor);
    }
    parked = false;
  }

  /** Whether the request waits now. */
  public synchronized boolean isParked() {
    return parked;
  }

  /** What it has waited for so far, one entry for each time. */
  public synchronized List<String> waitedFor() {
    return List.copyOf(waitedFor);
  }
}

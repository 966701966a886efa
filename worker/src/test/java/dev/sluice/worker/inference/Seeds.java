package dev.sluice.worker.inference;

import java.util.SplittableRandom;
import java.util.function.Consumer;

/** Runs a property many times on random input; a failure names the seed that shows it again. */
public final class Seeds {
  private Seeds() {}

  public static void each(int count, Consumer<SplittableRandom> property) {
    for (long seed = 0; seed < count; seed++) {
      try {
        property.accept(new SplittableRandom(seed));
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("fails with seed " + seed + ": " + e.getMessage(), e);
      }
    }
  }
}

package dev.sluice.tools.bench;

import java.time.Duration;

/** Finds how many requests a second workers finish out of a backlog. */
final class Capacity {
  private Capacity() {}

  /** Works for about {@code warmUp}, then for about {@code duration}; only the second counts. */
  static double measure(Requests requests, ResultsMeter results, Duration warmUp, Duration duration)
      throws InterruptedException {
    return again(requests, results, warmUp(requests, results, warmUp), duration);
  }

  /**
   * Measures it again.
   *
   * @param perSecond what it was
   */
  static double again(Requests requests, ResultsMeter results, double perSecond, Duration duration)
      throws InterruptedException {
    long count = Math.max(40, (long) (perSecond * duration.toMillis() / 1000.0));
    long from = results.count();
    requests.burst(count);
    return results.middle(from, from + count).perSecond();
  }

  /** Works off bursts that grow, for about so long; returns how many a second that were at last. */
  static double warmUp(Requests requests, ResultsMeter results, Duration warmUp)
      throws InterruptedException {
    long begun = System.nanoTime();
    long count = 50;
    double perSecond = 1;
    while (System.nanoTime() - begun < warmUp.toNanos()) {
      long from = results.count();
      long start = System.nanoTime();
      requests.burst(count);
      ResultsMeter.Reading _ = results.await(from + count);
      perSecond = count * 1e9 / (System.nanoTime() - start);
      // About two seconds: long enough to leave the beginning behind, short enough to end.
      count = Math.clamp((long) (2 * perSecond), 50, 4 * count);
    }
    return perSecond;
  }
}

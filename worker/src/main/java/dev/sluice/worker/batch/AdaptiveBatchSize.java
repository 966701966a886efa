package dev.sluice.worker.batch;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;

/**
 * Finds the largest batch at which a device does most within a latency objective, from nothing but
 * how long its batches take, and follows when that changes.
 *
 * <p>The method is that of Clipper's batch sizes (Crankshaw et al., "Clipper: A Low-Latency Online
 * Prediction Serving System", NSDI 2017, section 4.3.1): from one on upwards while the objective
 * holds, and down in proportion when it does not. Three things are added:
 *
 * <ul>
 *   <li>An image that comes while a batch runs waits for its end and then for its own, so a size is
 *       within the objective if <em>two</em> calls of it are (Shen et al., "Nexus: A GPU Cluster
 *       Engine for Accelerating DNN-Based Video Analysis", SOSP 2019).
 *   <li>A larger size must pay: it is kept only if it does more images a second, and a smaller one
 *       that does as many is taken. So a device that gains nothing from batches is not given large
 *       ones, and one that becomes slower beyond a size is held there.
 *   <li>As in TCP's slow start the size doubles at first; later, as in BBR, a neighbour is tried
 *       now and then, the less often the longer that has been in vain.
 * </ul>
 *
 * <p>Only batches as large as they may be for now say something: what is smaller was all there was.
 * Every judgement but those of the start is one of medians of at least five calls, so one that is
 * slow by chance changes nothing. An objective that one image alone does not meet leaves a size of
 * one.
 *
 * <p>It knows no clock; how often it tries something is counted in batches. One thread at a time.
 */
final class AdaptiveBatchSize {
  /** Calls that a judgement takes at least; it is one of medians. */
  private static final int ENOUGH = 5;

  /** The same while it doubles: what waits meanwhile waits for all of it. */
  private static final int HASTY = 2;

  /** Calls of the size in use that are remembered. */
  private static final int REMEMBERED = 9;

  /** A larger size is kept if it does so many times as much. */
  private static final double GAIN = 1.02;

  /** A smaller size is kept if it does so many times as much. */
  private static final double NO_LOSS = 0.99;

  /** The device has changed if its calls take so many times as long, or the inverse. */
  private static final double CHANGE = 1.25;

  /** Full batches between two trials: at first, doubled by each that is in vain, at most. */
  private static final int SOON = 8;

  private static final int LATE = 256;

  /** Sizes that are tried between a number and its double. */
  private static final int STEPS = 4;

  /** Ascending, from 1 to the largest that is allowed. */
  private final int[] sizes;

  /** For one call, in nanoseconds. */
  private final double budget;

  /** The size in use and the one that is tried, as places in {@code sizes}; the same if none is. */
  private int used;

  private int tried;
  private boolean starting = true;
  private boolean upwards = true;
  private int pause = SOON;
  private int untilTrial;

  /** What a call took when the size in use was last compared with another; 0 if it never was. */
  private double compared;

  private final Durations usedTook = new Durations(REMEMBERED);
  private final Durations triedTook = new Durations(ENOUGH);

  private AdaptiveBatchSize(int[] sizes, double budget) {
    this.sizes = sizes;
    this.budget = budget;
  }

  /**
   * Looks for the best size.
   *
   * @param objective how long an image should take at most, its wait for a lane included
   * @param most the largest batch that is allowed
   * @param preferred sizes from the smallest of which on no other is tried, ascending; may be empty
   */
  static AdaptiveBatchSize within(Duration objective, int most, List<Integer> preferred) {
    return new AdaptiveBatchSize(ladder(most, preferred), objective.toNanos() / 2.0);
  }

  /** Has nothing to look for. */
  static AdaptiveBatchSize fixed(int size) {
    return new AdaptiveBatchSize(new int[] {size}, Double.POSITIVE_INFINITY);
  }

  /** The largest batch for now. */
  int size() {
    return sizes[tried];
  }

  /** A batch of this size ran for so long. */
  void ran(int size, long nanos) {
    if (sizes.length == 1) {
      return;
    }
    if (tried != used && size == sizes[tried]) {
      triedTook.add(nanos);
      if (triedTook.count() >= (starting ? HASTY : ENOUGH)) {
        judge();
      }
    } else if (size == sizes[used]) {
      usedTook.add(nanos);
      if (usedTook.count() >= (starting ? HASTY : ENOUGH)) {
        observe();
      }
    }
  }

  /** Looks whether the size in use is still right, and whether it is time to try another. */
  private void observe() {
    double took = usedTook.median();
    if (took > budget && used > 0) {
      stepDown(took);
      return;
    }
    if (compared > 0 && (took > compared * CHANGE || took < compared / CHANGE)) {
      compared = took;
      pause = SOON;
      untilTrial = Math.min(untilTrial, SOON);
    }
    if (tried == used && --untilTrial < 0) {
      tryAnother();
    }
  }

  /** By the share that is too much, if the call's cost were all the images'; one step at least. */
  private void stepDown(double took) {
    int most = (int) (sizes[used] * budget / took);
    int from = used;
    do {
      used--;
    } while (used > 0 && sizes[used] > most);
    starting = false;
    // One step is what noise at the edge of the objective takes; to climb back at once is in vain.
    pause = from - used > 1 ? SOON : longer(pause);
    untilTrial = pause;
    upwards = true;
    settle();
  }

  private void tryAnother() {
    int above = starting ? doubled() : Math.min(used + 1, sizes.length - 1);
    int below = Math.max(used - 1, 0);
    tried = upwards ? above : below;
    if (tried == used) {
      tried = upwards ? below : above;
    }
    upwards = !upwards;
    triedTook.clear();
  }

  private void judge() {
    double before = sizes[used] / usedTook.median();
    double after = sizes[tried] / triedTook.median();
    boolean up = tried > used;
    boolean better =
        up ? triedTook.median() <= budget && after > before * GAIN : after >= before * NO_LOSS;
    compared = usedTook.median();
    if (better) {
      used = tried;
      // On in the same direction, at once.
      upwards = up;
      pause = SOON;
      untilTrial = 0;
      settle();
      usedTook.addAll(triedTook);
      compared = usedTook.median();
    } else {
      tried = used;
      pause = starting ? SOON : longer(pause);
      untilTrial = starting ? 0 : pause;
      upwards = starting || upwards;
      starting = false;
    }
  }

  /** Nothing is known of the size that is in use from now on. */
  private void settle() {
    tried = used;
    usedTook.clear();
    compared = 0;
  }

  private int doubled() {
    int place = used;
    while (place < sizes.length - 1 && sizes[place] < 2 * sizes[used]) {
      place++;
    }
    return place;
  }

  private static int longer(int pause) {
    return Math.min(2 * pause, LATE);
  }

  private static int[] ladder(int most, List<Integer> preferred) {
    TreeSet<Integer> sizes = new TreeSet<>();
    for (int step = 0; ; step++) {
      int size = (int) Math.round(Math.pow(2, (double) step / STEPS));
      if (size >= most) {
        break;
      }
      sizes.add(size);
    }
    sizes.add(most);
    if (!preferred.isEmpty()) {
      sizes.tailSet(preferred.getFirst(), true).clear();
      sizes.addAll(preferred);
    }
    return sizes.stream().mapToInt(Integer::intValue).toArray();
  }

  /** The latest few of a row of durations. */
  private static final class Durations {
    private final long[] latest;
    private int added;

    Durations(int remembered) {
      latest = new long[remembered];
    }

    void add(long nanos) {
      latest[added % latest.length] = nanos;
      added++;
    }

    void addAll(Durations others) {
      for (int i = 0; i < others.count(); i++) {
        add(others.latest[i]);
      }
    }

    int count() {
      return Math.min(added, latest.length);
    }

    double median() {
      long[] sorted = Arrays.copyOf(latest, count());
      Arrays.sort(sorted);
      int middle = sorted.length / 2;
      return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2.0;
    }

    void clear() {
      added = 0;
    }
  }
}

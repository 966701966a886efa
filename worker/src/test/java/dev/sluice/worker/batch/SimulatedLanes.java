package dev.sluice.worker.batch;

import dev.sluice.worker.batch.BatchPolicy.Decision;
import dev.sluice.worker.batch.BatchPolicy.Queue;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.Supplier;

/**
 * A queue and lanes in front of a device, without threads: steps from one event to the next, in
 * nanoseconds from 0.
 */
final class SimulatedLanes {
  /** How long a batch takes. */
  interface Cost {
    long of(long startedAt, int size);
  }

  /** Hears of every batch that has ended. */
  interface Heard {
    void ran(int size, long nanos);
  }

  /**
   * A batch that has ended.
   *
   * @param submittedAt of each of its items
   */
  record Ran(long startedAt, long endedAt, List<Long> submittedAt) {
    int size() {
      return submittedAt.size();
    }
  }

  private final Supplier<BatchPolicy> policy;
  private final Cost cost;
  private final Heard heard;
  private final Deque<Long> queue = new ArrayDeque<>();
  private final PriorityQueue<Ran> running =
      new PriorityQueue<>((one, other) -> Long.compare(one.endedAt(), other.endedAt()));
  private final List<Ran> ran = new ArrayList<>();
  private int idle;
  private long wakeAt = Long.MAX_VALUE;

  SimulatedLanes(int lanes, Supplier<BatchPolicy> policy, Cost cost, Heard heard) {
    this.idle = lanes;
    this.policy = policy;
    this.cost = cost;
    this.heard = heard;
  }

  /** Runs until every item has been run; items come at these times, ascending. */
  List<Ran> run(long[] arrivals) {
    return run(arrivals, Long.MAX_VALUE);
  }

  /** Runs until every item has been run or until it is this late. */
  List<Ran> run(long[] arrivals, long end) {
    int next = 0;
    while (next < arrivals.length || !running.isEmpty() || !queue.isEmpty()) {
      long now =
          Math.min(
              next < arrivals.length ? arrivals[next] : Long.MAX_VALUE,
              Math.min(running.isEmpty() ? Long.MAX_VALUE : running.element().endedAt(), wakeAt));
      if (now > end) {
        break;
      }
      while (next < arrivals.length && arrivals[next] <= now) {
        queue.add(arrivals[next++]);
      }
      while (!running.isEmpty() && running.element().endedAt() <= now) {
        Ran ended = running.remove();
        ran.add(ended);
        heard.ran(ended.size(), ended.endedAt() - ended.startedAt());
        idle++;
      }
      decide(now);
    }
    return ran;
  }

  private void decide(long now) {
    while (true) {
      Queue waiting =
          queue.isEmpty() ? new Queue.Empty() : new Queue.Waiting(queue.size(), queue.element());
      wakeAt = Long.MAX_VALUE;
      switch (policy.get().decide(waiting, now, idle)) {
        case Decision.Flush(int size) -> start(now, size);
        case Decision.WaitUntil(long nanos) -> {
          wakeAt = nanos;
          return;
        }
        case Decision.Wait _ -> {
          return;
        }
      }
    }
  }

  private void start(long now, int size) {
    List<Long> submittedAt = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      submittedAt.add(queue.remove());
    }
    idle--;
    running.add(new Ran(now, now + cost.of(now, size), submittedAt));
  }
}

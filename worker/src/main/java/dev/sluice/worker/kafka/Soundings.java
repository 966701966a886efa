package dev.sluice.worker.kafka;

import static java.util.Objects.requireNonNull;

import dev.sluice.worker.ledger.PartitionId;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the brokers are asked now and then, and never waited for: where partitions end, and with
 * that whether any broker answers at all. A consumer alone tells neither: of a partition that is
 * paused it knows the end of its last fetch, and its poll returns whether or not brokers are there.
 * Poll thread only.
 */
final class Soundings implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Soundings.class);
  private static final Duration BETWEEN = Duration.ofSeconds(2);

  private final Brokers brokers;
  private CompletableFuture<Map<PartitionId, Long>> asked =
      CompletableFuture.completedFuture(Map.of());
  private boolean heard = true;
  private Map<PartitionId, Long> ends = Map.of();
  private Instant lastAnswer;
  private long lastAsked;

  /** Who is asked. */
  interface Brokers extends AutoCloseable {
    /**
     * Asks where partitions end, and for a sign of life. Does not block.
     *
     * @return completes on any thread, within seconds, with the ends that are known; exceptionally
     *     when no broker answers
     */
    CompletableFuture<Map<PartitionId, Long>> ends(Collection<PartitionId> partitions);

    /** Asks nothing any more; does not wait for answers. */
    @Override
    void close();
  }

  /**
   * @param now nanoseconds, of which only differences count
   * @param time the same moment, for people
   */
  Soundings(Brokers brokers, long now, Instant time) {
    this.brokers = requireNonNull(brokers, "brokers is null");
    this.lastAnswer = requireNonNull(time, "time is null");
    this.lastAsked = now - BETWEEN.toNanos();
  }

  /**
   * Takes in what has been answered, and asks again when it is time to.
   *
   * @param held the partitions to ask for
   */
  void step(long now, Instant time, Supplier<Collection<PartitionId>> held) {
    if (!asked.isDone()) {
      return;
    }
    if (!heard) {
      heard = true;
      if (asked.state() == Future.State.SUCCESS) {
        ends = asked.resultNow();
        lastAnswer = time;
      } else {
        LOG.debug("no broker answers", asked.exceptionNow());
      }
    }
    if (now - lastAsked >= BETWEEN.toNanos()) {
      lastAsked = now;
      heard = false;
      asked = brokers.ends(held.get());
    }
  }

  /** Where a partition ended when that was last answered; empty when it was not. */
  OptionalLong end(PartitionId partition) {
    Long end = ends.get(partition);
    return end == null ? OptionalLong.empty() : OptionalLong.of(end);
  }

  /** When a broker last answered. */
  Instant lastAnswer() {
    return lastAnswer;
  }

  @Override
  public void close() {
    brokers.close();
  }
}

package dev.sluice.worker.kafka;

import static java.util.Objects.requireNonNull;

import dev.sluice.worker.ledger.PartitionId;
import dev.sluice.worker.ledger.PartitionState;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.errors.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How much of each partition is not done: what is not polled, up to its end when that was last
 * asked, and what is polled and not finished. Owned by the poll thread.
 *
 * <p>Rejected: the consumer's own {@code currentLag}. Of a partition that is paused it stands
 * still, and it costs a visit to the consumer's other thread for each partition, of which there may
 * be thousands.
 */
final class Lag {
  private static final Logger LOG = LoggerFactory.getLogger(Lag.class);

  private final Consumer<byte[], byte[]> consumer;
  private final Soundings soundings;

  /** The offset that the next poll of each partition begins at, where that is known. */
  private final Map<PartitionId, Long> polledUpTo = new HashMap<>();

  Lag(Consumer<byte[], byte[]> consumer, Soundings soundings) {
    this.consumer = requireNonNull(consumer, "consumer is null");
    this.soundings = requireNonNull(soundings, "soundings is null");
  }

  /** A poll has returned what there is of the partition before this offset. */
  void polled(PartitionId partition, long next) {
    polledUpTo.put(partition, next);
  }

  void forget(Set<PartitionId> partitions) {
    partitions.forEach(polledUpTo::remove);
  }

  /**
   * Records from the first unfinished one on, for each partition of which it is known where it ends
   * and where this worker stands in it.
   *
   * @param waiting the first record of a partition that was polled and not taken on
   */
  Map<PartitionId, Long> of(
      List<PartitionState> states, Function<PartitionId, OptionalLong> waiting) {
    Map<PartitionId, Long> lags = new HashMap<>();
    boolean asks = true;
    for (PartitionState state : states) {
      PartitionId partition = state.partition();
      OptionalLong end = soundings.end(partition);
      if (end.isEmpty()) {
        continue;
      }
      if (asks && !polledUpTo.containsKey(partition)) {
        asks = asksWhereItBegins(partition);
      }
      Long polled = polledUpTo.get(partition);
      if (polled != null) {
        OptionalLong first =
            state.committable().isPresent() ? state.committable() : waiting.apply(partition);
        lags.put(partition, Math.max(end.getAsLong(), polled) - first.orElse(polled));
      }
    }
    return lags;
  }

  /**
   * No poll has returned anything of it, be it paused or empty: it begins where the consumer will.
   *
   * @return whether it is worthwhile to ask for another
   */
  private boolean asksWhereItBegins(PartitionId partition) {
    try {
      polledUpTo.put(partition, consumer.position(KafkaClients.kafka(partition), Duration.ZERO));
    } catch (TimeoutException e) {
      LOG.debug("where {} begins is not known yet", partition, e);
      return false;
    } catch (IllegalStateException e) {
      LOG.debug("{} is lost, and the callback has not come yet", partition, e);
    }
    return true;
  }
}

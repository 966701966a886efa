package dev.sluice.worker.kafka;

import static java.util.Objects.requireNonNull;

import dev.sluice.worker.ledger.Committable;
import dev.sluice.worker.ledger.Ledger;
import dev.sluice.worker.ledger.PartitionId;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Commits what the ledger says is finished: in the background at an interval, at once when
 * partitions leave. A commit that fails, as it may in the middle of a rebalance, is not the end of
 * anything: its offsets go with the next one, or their records are done again. Owned by the poll
 * thread, on which Kafka calls back too.
 */
final class Commits implements Committer {
  private static final Duration SOONEST = Duration.ofMillis(50);
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Consumer<byte[], byte[]> consumer;
  private final Ledger ledger;
  private final Duration interval;
  private final IntakeObserver observer;
  private boolean underWay;
  private long last;

  Commits(
      Consumer<byte[], byte[]> consumer,
      Ledger ledger,
      Duration interval,
      IntakeObserver observer,
      long now) {
    this.consumer = requireNonNull(consumer, "consumer is null");
    this.ledger = requireNonNull(ledger, "ledger is null");
    this.interval = requireNonNull(interval, "interval is null");
    this.observer = requireNonNull(observer, "observer is null");
    this.last = now;
  }

  @Override
  public boolean storesInOrder() {
    return false;
  }

  @Override
  public void step(long now) {
    if (underWay || !isDue(now - last)) {
      return;
    }
    last = now;
    List<Committable> ready = ledger.committable();
    if (ready.isEmpty()) {
      return;
    }
    underWay = true;
    try {
      consumer.commitAsync(offsets(ready), (offsets, failure) -> ended(ready, failure));
    } catch (KafkaException e) {
      ended(ready, e);
    }
  }

  /** Sooner than the interval says when a partition has run ahead so far that it would stall. */
  private boolean isDue(long sinceLast) {
    return sinceLast >= interval.toNanos()
        || (sinceLast >= SOONEST.toNanos() && ledger.isPressed());
  }

  /** They are committed at once and for the last time when they leave. */
  @Override
  public void settle(long now) {}

  @Override
  public void handed(Staged staged) {
    throw new IllegalStateException("records are sent without transactions");
  }

  @Override
  public void ended(Transaction transaction, Transaction.Result result, long now) {
    throw new IllegalStateException("there are no transactions");
  }

  /** Records are finished when they are stored. */
  @Override
  public boolean isSettled(Collection<PartitionId> partitions) {
    return true;
  }

  @Override
  public boolean isBusy() {
    return false;
  }

  @Override
  public void forget(Collection<PartitionId> partitions) {}

  @Override
  public Set<PartitionId> uncertain() {
    return Set.of();
  }

  @Override
  public void close() {}

  @Override
  public void commitNow(Collection<PartitionId> partitions) {
    List<Committable> ready = ledger.committable(partitions);
    if (ready.isEmpty()) {
      return;
    }
    try {
      consumer.commitSync(offsets(ready), PATIENCE);
      stored(ready);
    } catch (KafkaException e) {
      observer.commitFailed(e);
    }
  }

  private void ended(List<Committable> commits, @Nullable Exception failure) {
    underWay = false;
    if (failure == null) {
      stored(commits);
    } else {
      observer.commitFailed(failure);
    }
  }

  private void stored(List<Committable> commits) {
    commits.forEach(ledger::committed);
    observer.committed(commits);
  }

  private static Map<TopicPartition, OffsetAndMetadata> offsets(List<Committable> commits) {
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    for (Committable commit : commits) {
      offsets.put(KafkaClients.kafka(commit.partition()), new OffsetAndMetadata(commit.offset()));
    }
    return offsets;
  }
}

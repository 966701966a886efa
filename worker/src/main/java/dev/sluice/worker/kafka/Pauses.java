package dev.sluice.worker.kafka;

import static java.util.Objects.requireNonNull;

import dev.sluice.worker.ledger.PartitionId;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which partitions the consumer fetches nothing of. Owned by the poll thread.
 *
 * <p>In the new group protocol a thread of Kafka's takes lost partitions away at any moment, also
 * between asking and telling; the callback comes with the next poll. What is still ours is paused
 * or resumed after that.
 */
final class Pauses {
  private static final Logger LOG = LoggerFactory.getLogger(Pauses.class);

  private final Consumer<byte[], byte[]> consumer;

  Pauses(Consumer<byte[], byte[]> consumer) {
    this.consumer = requireNonNull(consumer, "consumer is null");
  }

  /** Pauses all that are assigned. */
  void all() {
    exactly(new HashSet<>(consumer.assignment()));
  }

  /** Pauses these, where they are assigned, and resumes the others. */
  void only(Collection<PartitionId> partitions) {
    Set<TopicPartition> waiting = new HashSet<>();
    partitions.forEach(partition -> waiting.add(KafkaClients.kafka(partition)));
    waiting.retainAll(consumer.assignment());
    exactly(waiting);
  }

  /** Compared each time anew, so that what a rebalance assigned is paused like the rest. */
  private void exactly(Set<TopicPartition> waiting) {
    Set<TopicPartition> paused = consumer.paused();
    if (paused.equals(waiting)) {
      return;
    }
    Set<TopicPartition> resume = new HashSet<>(paused);
    resume.removeAll(waiting);
    waiting.removeAll(paused);
    try {
      consumer.resume(resume);
      consumer.pause(waiting);
    } catch (IllegalStateException e) {
      LOG.debug("partitions were lost while they were paused or resumed", e);
    }
  }
}

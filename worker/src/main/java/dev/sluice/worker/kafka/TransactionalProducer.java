package dev.sluice.worker.kafka;

import static java.util.Objects.requireNonNull;

import dev.sluice.worker.ledger.Committable;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TransactionAbortedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs transactions, one after the other, and says of each how it ended. Owned by one thread, which
 * may wait in here for as long as the brokers take.
 *
 * <p>A producer that cannot go on is replaced by another of the same transactional id, which first
 * makes the brokers finish or undo what the old one left open. Another process with that id fences
 * this one; this one then fences it in turn, and both go on slowly: give each worker its own
 * worker_id.
 */
final class TransactionalProducer {
  private static final Logger LOG = LoggerFactory.getLogger(TransactionalProducer.class);

  private final Supplier<Producer<byte[], byte[]>> producers;
  private final IntakeObserver observer;

  /** Null when there is none that can begin a transaction. */
  private @Nullable Producer<byte[], byte[]> producer;

  /** Written by whoever stops the worker. */
  private volatile boolean stopping;

  /**
   * @param producers makes a producer, and another when that one cannot go on
   * @param observer hears when the brokers do not answer
   */
  TransactionalProducer(Supplier<Producer<byte[], byte[]>> producers, IntakeObserver observer) {
    this.producers = requireNonNull(producers, "producers is null");
    this.observer = requireNonNull(observer, "observer is null");
  }

  /** Makes the brokers end what a worker of the same id left open when it died. */
  void begin() {
    try {
      ready();
    } catch (KafkaException e) {
      LOG.warn("the transactional producer is not ready yet: {}", e.toString());
    }
  }

  /** Any thread: what waits for the brokers is given up soon. */
  void stop() {
    stopping = true;
  }

  Transaction.Result run(Transaction transaction) {
    Producer<byte[], byte[]> used;
    try {
      used = ready();
      used.beginTransaction();
    } catch (KafkaException | IllegalStateException e) {
      discard();
      return new Transaction.Result.Aborted(e, List.of());
    }
    Queue<Transaction.Failure> failures = new ConcurrentLinkedQueue<>();
    try {
      send(used, transaction, failures);
      if (!failures.isEmpty()) {
        // Not all of it has been sent: its offsets must not go along, whatever the client thinks.
        Exception first = failures.element().reason();
        return undo(used, transaction, first, failures, false);
      }
      used.sendOffsetsToTransaction(offsets(transaction.commits()), transaction.group());
    } catch (KafkaException | IllegalStateException e) {
      return undo(used, transaction, e, failures, false);
    }
    try {
      commit(used, transaction);
      return new Transaction.Result.Committed();
    } catch (KafkaException | IllegalStateException e) {
      return undo(used, transaction, e, failures, true);
    }
  }

  /** Closes the producer at once. */
  void close() {
    discard();
  }

  private Producer<byte[], byte[]> ready() {
    Producer<byte[], byte[]> ready = producer;
    if (ready == null) {
      ready = producers.get();
      try {
        ready.initTransactions();
      } catch (KafkaException | IllegalStateException e) {
        ready.close(Duration.ZERO);
        throw e;
      }
      producer = ready;
    }
    return ready;
  }

  private static void send(
      Producer<byte[], byte[]> used, Transaction transaction, Queue<Transaction.Failure> failures) {
    // When one fails, Kafka tells those that it has not sent by then the very same exception,
    // afterwards: only the first that hears it is at fault.
    Set<Exception> told =
        Collections.synchronizedSet(Collections.newSetFromMap(new IdentityHashMap<>()));
    for (Staged staged : transaction.staged()) {
      for (Outgoing outgoing : staged.outgoing()) {
        if (!failures.isEmpty()) {
          // The transaction has failed, and each further send may wait for a missing topic.
          return;
        }
        // What fails is told to the callback, and to the commit.
        Future<RecordMetadata> _ =
            used.send(
                outgoing.record(),
                (_, failure) -> {
                  if (failure != null && isItsOwn(failure) && told.add(failure)) {
                    failures.add(new Transaction.Failure(staged, outgoing, failure));
                  }
                });
      }
    }
  }

  /** Whether the record failed by itself, and not because another made the transaction fail. */
  private static boolean isItsOwn(Exception failure) {
    return failure instanceof ApiException && !(failure instanceof TransactionAbortedException);
  }

  /** Once the brokers may have been asked to commit, only they can say how it ended. */
  private void commit(Producer<byte[], byte[]> used, Transaction transaction) {
    while (true) {
      try {
        used.commitTransaction();
        return;
      } catch (TimeoutException e) {
        if (stopping) {
          throw e;
        }
        unanswered(transaction, e);
      }
    }
  }

  private Transaction.Result undo(
      Producer<byte[], byte[]> used,
      Transaction transaction,
      Exception reason,
      Queue<Transaction.Failure> failures,
      boolean committing) {
    while (true) {
      try {
        used.abortTransaction();
        return new Transaction.Result.Aborted(reason, List.copyOf(failures));
      } catch (TimeoutException e) {
        if (stopping) {
          discard();
          return new Transaction.Result.Unknown(reason);
        }
        unanswered(transaction, e);
      } catch (KafkaException | IllegalStateException e) {
        LOG.warn(
            "the transactional producer cannot go on ({}) and is replaced; if this happens often,"
                + " another worker has the same worker_id",
            e.toString());
        discard();
        return committing
            ? new Transaction.Result.Unknown(reason)
            : new Transaction.Result.Aborted(reason, List.copyOf(failures));
      }
    }
  }

  /** The brokers have not said how the transaction ends; they are asked again. */
  private void unanswered(Transaction transaction, TimeoutException reason) {
    transaction.staged().stream()
        .flatMap(staged -> staged.outgoing().stream())
        .map(outgoing -> outgoing.record().topic())
        .distinct()
        .forEach(topic -> observer.sendFailed(topic, reason));
  }

  private void discard() {
    Producer<byte[], byte[]> old = producer;
    producer = null;
    if (old != null) {
      try {
        old.close(Duration.ZERO);
      } catch (KafkaException e) {
        LOG.warn("the transactional producer did not close in order: {}", e.toString());
      }
    }
  }

  private static Map<TopicPartition, OffsetAndMetadata> offsets(List<Committable> commits) {
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    for (Committable commit : commits) {
      offsets.put(KafkaClients.kafka(commit.partition()), new OffsetAndMetadata(commit.offset()));
    }
    return offsets;
  }
}

package dev.sluice.worker.kafka;

import static java.util.Objects.requireNonNull;

import dev.sluice.worker.ledger.Epochs;
import dev.sluice.worker.model.Position;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.jspecify.annotations.Nullable;

/**
 * Sends on behalf of a record and comes back when the brokers have acknowledged it: a topic that is
 * missing, full or forbidden is tried again until it takes the record, however long that is. Called
 * on virtual threads, many at once.
 */
final class Sender implements AutoCloseable {
  private final Producer<byte[], byte[]> producer;
  private final Epochs epochs;
  private final Backoff backoff;
  private final IntakeObserver observer;

  Sender(
      Producer<byte[], byte[]> producer, Epochs epochs, Backoff backoff, IntakeObserver observer) {
    this.producer = requireNonNull(producer, "producer is null");
    this.epochs = requireNonNull(epochs, "epochs is null");
    this.backoff = requireNonNull(backoff, "backoff is null");
    this.observer = requireNonNull(observer, "observer is null");
  }

  /**
   * Sends until it is acknowledged.
   *
   * @param origin the record on whose behalf this is; nothing is sent once its partition is lost
   * @throws RecordTooLargeException when client or brokers say that it does not fit
   * @throws PartitionLostException when the partition was lost before it was acknowledged
   * @throws InterruptedException when interrupted meanwhile
   */
  void send(Position origin, ProducerRecord<byte[], byte[]> outgoing)
      throws InterruptedException, PartitionLostException {
    for (int failures = 1; ; failures++) {
      Exception reason = attempt(origin, outgoing);
      if (reason == null) {
        return;
      }
      if (reason instanceof RecordTooLargeException tooLarge) {
        throw tooLarge;
      }
      pause(outgoing, reason, failures);
    }
  }

  /** As {@link #send}, but one that does not fit is tried again too: the topic may be changed. */
  void sendWhateverTheSize(Position origin, ProducerRecord<byte[], byte[]> outgoing)
      throws InterruptedException, PartitionLostException {
    for (int failures = 1; ; failures++) {
      Exception reason = attempt(origin, outgoing);
      if (reason == null) {
        return;
      }
      pause(outgoing, reason, failures);
    }
  }

  /** Returns why it failed; null when it was acknowledged. */
  private @Nullable Exception attempt(Position origin, ProducerRecord<byte[], byte[]> outgoing)
      throws InterruptedException, PartitionLostException {
    if (!epochs.isCurrent(origin)) {
      throw new PartitionLostException(origin);
    }
    try {
      Future<RecordMetadata> acknowledgement = producer.send(outgoing);
      acknowledgement.get();
      return null;
    } catch (ExecutionException e) {
      return e.getCause() instanceof Exception cause ? cause : e;
    } catch (InterruptException e) {
      throw interrupted(e);
    } catch (RuntimeException e) {
      return e;
    }
  }

  private void pause(ProducerRecord<byte[], byte[]> outgoing, Exception reason, int failures)
      throws InterruptedException {
    observer.sendFailed(outgoing.topic(), reason);
    Thread.sleep(backoff.delay(failures, ThreadLocalRandom.current().nextDouble()));
  }

  /** Kafka's clients turn an interruption into an exception of their own and set the flag again. */
  private static InterruptedException interrupted(InterruptException e) {
    Thread.interrupted();
    InterruptedException interrupted = new InterruptedException(e.getMessage());
    interrupted.initCause(e);
    return interrupted;
  }

  /** Gives sends that are under way a moment, then lets them go. */
  @Override
  public void close() {
    producer.close(Duration.ofSeconds(5));
  }
}

package dev.sluice.worker.kafka;

import static java.util.Objects.requireNonNull;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.sluice.worker.ledger.Epochs;
import dev.sluice.worker.model.Position;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.jspecify.annotations.Nullable;

/**
 * Stores each record by itself, one after the other, and waits for each acknowledgement. What a
 * record led to may be stored twice when its offset was not committed afterwards; never not at all.
 *
 * <p>A send waits for others to share a request with, for {@code linger.ms} at most, as long as a
 * record is in flight that may have something to send. When all of them wait for the brokers, what
 * is there goes at once, so that nobody waits who is alone; also when records wait behind it for
 * its acknowledgement. Nagle's rule (RFC 896), to send at once when nothing is unacknowledged,
 * makes more requests: after each acknowledgement the next send is alone again.
 */
final class AtLeastOnce implements Delivery {
  private static final Duration LAST_SENDS = Duration.ofSeconds(5);

  private final Supplier<Producer<byte[], byte[]>> producers;
  private final Epochs epochs;
  private final FlightCount flights;
  private final Backoff backoff;
  private final IntakeObserver observer;
  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private Producer<byte[], byte[]> producer;

  /** Sends that are not acknowledged; a record in flight has one at a time. */
  private final AtomicInteger underWay = new AtomicInteger();

  /**
   * @param producers makes the producer, and another when that one cannot go on
   */
  AtLeastOnce(
      Supplier<Producer<byte[], byte[]>> producers,
      Epochs epochs,
      FlightCount flights,
      Backoff backoff,
      IntakeObserver observer) {
    this.producers = requireNonNull(producers, "producers is null");
    this.epochs = requireNonNull(epochs, "epochs is null");
    this.flights = requireNonNull(flights, "flights is null");
    this.backoff = requireNonNull(backoff, "backoff is null");
    this.observer = requireNonNull(observer, "observer is null");
    this.producer = producers.get();
  }

  @Override
  public void store(Received origin, List<Outgoing> outgoing)
      throws InterruptedException, PartitionLostException {
    for (Outgoing each : outgoing) {
      send(origin.position(), each);
    }
  }

  private void send(Position origin, Outgoing outgoing)
      throws InterruptedException, PartitionLostException {
    Outgoing next = outgoing;
    for (int failures = 1; ; failures++) {
      Exception reason = attempt(origin, next.record());
      if (reason == null) {
        return;
      }
      if (reason instanceof RecordTooLargeException tooLarge) {
        switch (next.tooLarge()) {
          case Outgoing.TooLarge.Refuse() -> throw tooLarge;
          case Outgoing.TooLarge.Replace(var smaller) -> {
            next = Outgoing.insisted(smaller.get());
            continue;
          }
          case Outgoing.TooLarge.Insist() -> {}
        }
      }
      observer.sendFailed(next.record().topic(), reason);
      Thread.sleep(backoff.delay(failures, ThreadLocalRandom.current().nextDouble()));
    }
  }

  /** Returns why it failed; null when it was acknowledged. */
  private @Nullable Exception attempt(Position origin, ProducerRecord<byte[], byte[]> outgoing)
      throws InterruptedException, PartitionLostException {
    if (!epochs.isCurrent(origin)) {
      throw new PartitionLostException(origin);
    }
    Producer<byte[], byte[]> used = producer();
    underWay.incrementAndGet();
    try {
      Future<RecordMetadata> acknowledgement = used.send(outgoing);
      if (!flights.maySendsWait(underWay.get())) {
        used.flush();
      }
      acknowledgement.get();
      return null;
    } catch (ExecutionException e) {
      return e.getCause() instanceof Exception cause ? cause : e;
    } catch (InterruptException e) {
      throw interrupted(e);
    } catch (KafkaException e) {
      replaceIfBroken(used, e);
      return e;
    } catch (RuntimeException e) {
      return e;
    } finally {
      underWay.decrementAndGet();
    }
  }

  private Producer<byte[], byte[]> producer() {
    lock.lock();
    try {
      return producer;
    } finally {
      lock.unlock();
    }
  }

  /**
   * An idempotent producer that was refused its id, or that lost its place, says the same to every
   * send from then on, in a plain KafkaException; a new one begins anew.
   */
  private void replaceIfBroken(Producer<byte[], byte[]> broken, KafkaException reason) {
    if (!reason.getClass().equals(KafkaException.class)) {
      return;
    }
    lock.lock();
    try {
      if (producer.equals(broken)) {
        producer = producers.get();
        broken.close(Duration.ZERO);
      }
    } finally {
      lock.unlock();
    }
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
    producer().close(LAST_SENDS);
  }
}

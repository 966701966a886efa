package dev.sluice.worker.kafka;

import static java.util.Objects.requireNonNull;

import dev.sluice.v1.InferenceRequest;
import dev.sluice.worker.ledger.Epochs;
import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.Outcome;
import dev.sluice.worker.model.TaskException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/**
 * Stores what a record led to: its result and, when it failed, its dead letter, the dead letter
 * first, so that whoever reads FAILED finds the record where it was put. Returns when the brokers
 * have acknowledged all of it. Called on virtual threads, many at once.
 *
 * <p>What is too large for its topic still ends: a dead letter goes without key, value and the
 * record's headers and points to where the record stands; a success becomes a failure that says so;
 * a failure goes without the request's headers and metadata, keyed by the request's id. What does
 * not fit even then is tried again like any failed send, until the topic takes it.
 */
public final class Publisher implements AutoCloseable {
  private static final int MAX_REQUEST_ID = 256;

  private final Delivery delivery;
  private final ResultCodec results;
  private final Topics topics;
  private final String group;
  private final InstantSource clock;

  private Publisher(
      Delivery delivery, ResultCodec results, Topics topics, String group, InstantSource clock) {
    this.delivery = delivery;
    this.results = requireNonNull(results, "results is null");
    this.topics = requireNonNull(topics, "topics is null");
    this.group = group;
    this.clock = requireNonNull(clock, "clock is null");
  }

  /**
   * Opens the producer; the brokers are asked nothing yet. Close it after the {@link Intake}.
   *
   * @param guarantee the same that the intake has
   * @param flights the same that the {@link RecordHandler} counts
   * @param mailbox the same that the intake reads
   */
  public static Publisher open(
      ConnectionSettings connection,
      Guarantee guarantee,
      Topics topics,
      ResultCodec results,
      Epochs epochs,
      FlightCount flights,
      Mailbox mailbox,
      Backoff backoff,
      IntakeObserver observer,
      InstantSource clock) {
    Delivery delivery =
        switch (guarantee) {
          case AT_LEAST_ONCE ->
              new AtLeastOnce(
                  () -> KafkaClients.producer(connection), epochs, flights, backoff, observer);
          case EXACTLY_ONCE -> new ExactlyOnce(mailbox, epochs);
        };
    return new Publisher(delivery, results, topics, connection.groupId(), clock);
  }

  /**
   * Answers a request.
   *
   * @return the outcome that its result says, which is a failure when a success was too large
   */
  Outcome answer(Received received, InferenceRequest request, Outcome outcome)
      throws InterruptedException, PartitionLostException {
    return switch (outcome) {
      case Outcome.Succeeded succeeded -> succeed(received, request, succeeded);
      case Outcome.Failed failed -> fail(received, request, failed);
      case Outcome.Expired expired -> {
        delivery.store(received, List.of(result(received, request, expired)));
        yield expired;
      }
    };
  }

  /** Puts a record on the dead-letter topic, byte for byte. */
  void deadLetter(Received received, TaskException reason, int attempts)
      throws InterruptedException, PartitionLostException {
    delivery.store(received, List.of(buried(received, reason, attempts)));
  }

  /**
   * Puts a record on the retry topic of a step, byte for byte.
   *
   * @throws RecordTooLargeException when it does not fit there; nothing is stored then
   */
  void postpone(Received received, TaskException reason, int attempts, int step, Instant due)
      throws InterruptedException, PartitionLostException {
    Headers headers =
        FailureHeaders.retry(
            received, group, new FailureHeaders.Finding(reason, attempts, clock.instant()), due);
    String topic = topics.retryTopic(received.provenance().topic(), step);
    ConsumerRecord<byte[], byte[]> record = received.record();
    delivery.store(
        received,
        List.of(
            new Outgoing(
                new ProducerRecord<>(topic, null, null, record.key(), record.value(), headers),
                new Outgoing.TooLarge.Refuse())));
  }

  private Outcome succeed(Received received, InferenceRequest request, Outcome.Succeeded succeeded)
      throws InterruptedException, PartitionLostException {
    byte[] value;
    try {
      value = results.encode(request, succeeded, clock.instant());
    } catch (RuntimeException e) {
      return fail(received, request, notEncodable(succeeded, e));
    }
    ProducerRecord<byte[], byte[]> result =
        result(key(received, request), value, FailureHeaders.own(received));
    try {
      delivery.store(received, List.of(new Outgoing(result, new Outgoing.TooLarge.Refuse())));
      return succeeded;
    } catch (RecordTooLargeException e) {
      return fail(received, request, tooLarge(succeeded, value.length, e));
    }
  }

  private Outcome fail(Received received, InferenceRequest request, Outcome.Failed failed)
      throws InterruptedException, PartitionLostException {
    delivery.store(
        received,
        List.of(
            buried(received, failed.reason(), failed.attempts()),
            result(received, request, failed)));
    return failed;
  }

  private Outgoing buried(Received received, TaskException reason, int attempts) {
    FailureHeaders.Finding finding = new FailureHeaders.Finding(reason, attempts, clock.instant());
    ConsumerRecord<byte[], byte[]> record = received.record();
    return new Outgoing(
        deadLetter(record.key(), record.value(), FailureHeaders.whole(received, group, finding)),
        new Outgoing.TooLarge.Replace(
            () -> deadLetter(null, null, FailureHeaders.reference(received, group, finding))));
  }

  /**
   * The result of a request that has no output; it goes without what makes it large, if it must.
   */
  private Outgoing result(Received received, InferenceRequest request, Outcome outcome) {
    byte[] value = results.encode(request, outcome, clock.instant());
    return new Outgoing(
        result(key(received, request), value, FailureHeaders.own(received)),
        new Outgoing.TooLarge.Replace(() -> brief(request, outcome)));
  }

  private ProducerRecord<byte[], byte[]> brief(InferenceRequest request, Outcome outcome) {
    String id = Text.bounded(request.getRequestId(), MAX_REQUEST_ID);
    InferenceRequest brief =
        new InferenceRequest(id, null, null, null, null, null, Map.of(), null, Map.of());
    byte[] value = results.encode(brief, outcome, clock.instant());
    return result(Text.utf8(id), value, new RecordHeaders());
  }

  private static byte[] key(Received received, InferenceRequest request) {
    byte[] key = received.record().key();
    return key == null ? Text.utf8(request.getRequestId()) : key;
  }

  private static Outcome.Failed notEncodable(Outcome outcome, RuntimeException cause) {
    String message = "the model's output cannot be written as a result: " + cause;
    return new Outcome.Failed(
        new TaskException(ErrorCode.INTERNAL, message, cause), 1, outcome.timings());
  }

  private static Outcome.Failed tooLarge(
      Outcome outcome, int bytes, RecordTooLargeException cause) {
    return new Outcome.Failed(
        new TaskException(
            ErrorCode.MODEL_FAILED,
            ("the model's output makes a result of %d bytes, more than the results' topic takes;"
                    + " raise max.message.bytes of the topic and max.request.size of the producer,"
                    + " or ask for less")
                .formatted(bytes),
            cause),
        1,
        outcome.timings());
  }

  private ProducerRecord<byte[], byte[]> result(byte[] key, byte[] value, Headers headers) {
    return new ProducerRecord<>(topics.results(), null, null, key, value, headers);
  }

  private ProducerRecord<byte[], byte[]> deadLetter(
      byte @Nullable [] key, byte @Nullable [] value, Headers headers) {
    return new ProducerRecord<>(topics.deadLetters(), null, null, key, value, headers);
  }

  @Override
  public void close() {
    delivery.close();
  }
}

package dev.sluice.worker.kafka;

import static java.util.Objects.requireNonNull;

import dev.sluice.v1.InferenceRequest;
import dev.sluice.worker.ledger.Epochs;
import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.Outcome;
import dev.sluice.worker.model.Position;
import dev.sluice.worker.model.TaskException;
import java.time.InstantSource;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.Header;
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

  private final Sender sender;
  private final ResultCodec results;
  private final Topics topics;
  private final String group;
  private final InstantSource clock;

  private Publisher(
      Sender sender, ResultCodec results, Topics topics, String group, InstantSource clock) {
    this.sender = sender;
    this.results = requireNonNull(results, "results is null");
    this.topics = requireNonNull(topics, "topics is null");
    this.group = group;
    this.clock = requireNonNull(clock, "clock is null");
  }

  /** Opens the producer; the brokers are asked nothing yet. Close it after the {@link Intake}. */
  public static Publisher open(
      ConnectionSettings connection,
      Topics topics,
      ResultCodec results,
      Epochs epochs,
      Backoff backoff,
      IntakeObserver observer,
      InstantSource clock) {
    Sender sender = new Sender(KafkaClients.producer(connection), epochs, backoff, observer);
    return new Publisher(sender, results, topics, connection.groupId(), clock);
  }

  /**
   * Answers a request.
   *
   * @return the outcome that its result says, which is a failure when a success was too large
   */
  Outcome answer(
      ConsumerRecord<byte[], byte[]> record,
      Position position,
      InferenceRequest request,
      Outcome outcome)
      throws InterruptedException, PartitionLostException {
    if (outcome instanceof Outcome.Failed failed) {
      deadLetter(record, position, failed.reason(), failed.attempts());
    }
    byte[] value;
    try {
      value = results.encode(request, outcome, clock.instant());
    } catch (RuntimeException e) {
      if (outcome instanceof Outcome.Succeeded) {
        return answer(record, position, request, notEncodable(outcome, e));
      }
      throw e;
    }
    byte[] key = record.key() == null ? Text.utf8(request.getRequestId()) : record.key();
    try {
      sender.send(position, result(key, value, copy(record.headers())));
      return outcome;
    } catch (RecordTooLargeException e) {
      if (outcome instanceof Outcome.Succeeded) {
        return answer(record, position, request, tooLarge(outcome, value.length, e));
      }
      answerBriefly(position, request, outcome);
      return outcome;
    }
  }

  /** Puts a record on the dead-letter topic, byte for byte. */
  void deadLetter(
      ConsumerRecord<byte[], byte[]> record, Position position, TaskException reason, int attempts)
      throws InterruptedException, PartitionLostException {
    try {
      Headers whole = DeadLetterHeaders.whole(record, group, reason, attempts, clock.instant());
      sender.send(position, deadLetter(record.key(), record.value(), whole));
    } catch (RecordTooLargeException e) {
      Headers reference =
          DeadLetterHeaders.reference(record, group, reason, attempts, clock.instant());
      sender.sendWhateverTheSize(position, deadLetter(null, null, reference));
    }
  }

  private void answerBriefly(Position position, InferenceRequest request, Outcome outcome)
      throws InterruptedException, PartitionLostException {
    String id = Text.bounded(request.getRequestId(), MAX_REQUEST_ID);
    InferenceRequest brief =
        new InferenceRequest(id, null, null, null, null, null, Map.of(), null, Map.of());
    byte[] value = results.encode(brief, outcome, clock.instant());
    sender.sendWhateverTheSize(position, result(Text.utf8(id), value, new RecordHeaders()));
  }

  private static Outcome notEncodable(Outcome outcome, RuntimeException cause) {
    String message = "the model's output cannot be written as a result: " + cause;
    return new Outcome.Failed(
        new TaskException(ErrorCode.INTERNAL, message, cause), 1, outcome.timings());
  }

  private static Outcome tooLarge(Outcome outcome, int bytes, RecordTooLargeException cause) {
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

  /** A copy, since the producer seals the headers that it is given. */
  private static Headers copy(Headers headers) {
    Headers copy = new RecordHeaders();
    for (Header header : headers) {
      copy.add(header);
    }
    return copy;
  }

  @Override
  public void close() {
    sender.close();
  }
}

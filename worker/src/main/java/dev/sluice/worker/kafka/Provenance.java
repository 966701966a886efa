package dev.sluice.worker.kafka;

import static java.util.Objects.requireNonNull;

import dev.sluice.worker.model.Attempt;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/**
 * Where a request first stood and what it has been through: of a record on a topic of requests, the
 * record itself; of one on a retry topic, what its headers say. Headers that are missing or not
 * what this worker writes are replaced by what the record itself tells, so that a forged record is
 * handled like any other.
 *
 * @param topic the topic of requests
 * @param partition its partition there
 * @param offset its offset there
 * @param timestamp its timestamp there, in milliseconds; negative when it has none
 * @param timestampType how Kafka calls the kind of that timestamp
 * @param attempt which attempt at the request this is
 * @param due when it may be tried; of a record on a topic of requests, always
 */
record Provenance(
    String topic,
    int partition,
    long offset,
    long timestamp,
    String timestampType,
    Attempt attempt,
    Instant due) {
  /** More than that, and the header is not ours. */
  private static final int MOST_ATTEMPTS = 1_000_000;

  /** By so much the clocks of workers and brokers may differ. */
  private static final Duration CLOCKS = Duration.ofSeconds(1);

  Provenance {
    requireNonNull(topic, "topic is null");
    requireNonNull(timestampType, "timestampType is null");
    requireNonNull(attempt, "attempt is null");
    requireNonNull(due, "due is null");
  }

  static Provenance of(ConsumerRecord<byte[], byte[]> record, Topics topics) {
    return switch (topics.source(record.topic())) {
      case Topics.Source.Requests() ->
          new Provenance(
              record.topic(),
              record.partition(),
              record.offset(),
              record.timestamp(),
              record.timestampType().toString(),
              new Attempt.First(),
              Instant.MIN);
      case Topics.Source.Retries(String requests, int step, Duration delay) ->
          retried(record, requests, step, delay);
    };
  }

  private static Provenance retried(
      ConsumerRecord<byte[], byte[]> record, String requests, int step, Duration delay) {
    int partition = integer(record, FailureHeaders.ORIGINAL_PARTITION).orElse(record.partition());
    long offset = number(record, FailureHeaders.ORIGINAL_OFFSET).orElse(record.offset());
    int done = integer(record, FailureHeaders.ATTEMPTS).orElse(0);
    Instant stored = Instant.ofEpochMilli(record.timestamp());
    Instant firstFailure =
        instant(number(record, FailureHeaders.FIRST_FAILURE).orElse(record.timestamp()), stored);
    Instant latest = stored.plus(delay);
    Instant due =
        instant(
            number(record, FailureHeaders.RETRY_AT).orElse(latest.toEpochMilli()),
            latest.plus(CLOCKS));
    return new Provenance(
        requests,
        Math.max(partition, 0),
        Math.max(offset, 0),
        number(record, FailureHeaders.ORIGINAL_TIMESTAMP).orElse(record.timestamp()),
        text(record, FailureHeaders.ORIGINAL_TIMESTAMP_TYPE, record.timestampType().toString()),
        new Attempt.Again(Math.clamp(done, 0, MOST_ATTEMPTS) + 1, step, firstFailure),
        due);
  }

  /** Nobody waits longer than this worker would have said. */
  private static Instant instant(long millis, Instant latest) {
    return millis > latest.toEpochMilli() ? latest : Instant.ofEpochMilli(Math.max(millis, 0));
  }

  private static OptionalLong number(ConsumerRecord<byte[], byte[]> record, String name) {
    Header header = record.headers().lastHeader(name);
    return header == null || header.value() == null || header.value().length != Long.BYTES
        ? OptionalLong.empty()
        : OptionalLong.of(ByteBuffer.wrap(header.value()).getLong());
  }

  private static OptionalInt integer(ConsumerRecord<byte[], byte[]> record, String name) {
    Header header = record.headers().lastHeader(name);
    return header == null || header.value() == null || header.value().length != Integer.BYTES
        ? OptionalInt.empty()
        : OptionalInt.of(ByteBuffer.wrap(header.value()).getInt());
  }

  private static String text(ConsumerRecord<byte[], byte[]> record, String name, String otherwise) {
    Header header = record.headers().lastHeader(name);
    return header == null || header.value() == null
        ? otherwise
        : Text.bounded(new String(header.value(), StandardCharsets.UTF_8), 100);
  }
}

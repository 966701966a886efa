package dev.sluice.worker.kafka;

import static java.util.Objects.requireNonNull;

import dev.sluice.worker.model.Attempt;
import dev.sluice.worker.model.TaskException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Set;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * What a dead letter and a record that waits for its next attempt say about themselves: the headers
 * of Spring Kafka's DeadLetterPublishingRecoverer (names and encodings: UTF-8 text, big-endian
 * numbers), so that tools which read those read ours, and our own.
 *
 * <p>The record's own headers come first, unchanged and in order. Headers of these names that it
 * already had, as a replayed dead letter or a forger's record has, are replaced: each name occurs
 * once and tells of this worker's own finding.
 */
final class FailureHeaders {
  static final String ORIGINAL_TOPIC = "kafka_dlt-original-topic";
  static final String ORIGINAL_PARTITION = "kafka_dlt-original-partition";
  static final String ORIGINAL_OFFSET = "kafka_dlt-original-offset";
  static final String ORIGINAL_TIMESTAMP = "kafka_dlt-original-timestamp";
  static final String ORIGINAL_TIMESTAMP_TYPE = "kafka_dlt-original-timestamp-type";
  static final String ORIGINAL_CONSUMER_GROUP = "kafka_dlt-original-consumer-group";
  static final String EXCEPTION_FQCN = "kafka_dlt-exception-fqcn";
  static final String EXCEPTION_CAUSE_FQCN = "kafka_dlt-exception-cause-fqcn";
  static final String EXCEPTION_MESSAGE = "kafka_dlt-exception-message";
  static final String EXCEPTION_STACKTRACE = "kafka_dlt-exception-stacktrace";

  /** Text: one of {@link dev.sluice.worker.model.ErrorCode}. */
  static final String ERROR_CODE = "sluice-error-code";

  /** Four bytes: how often the request was tried, from 1. */
  static final String ATTEMPTS = "sluice-attempts";

  /** Eight bytes: when it first failed, in milliseconds since 1970. */
  static final String FIRST_FAILURE = "sluice-first-failure";

  /**
   * Eight bytes: when to try again, in milliseconds since 1970; on retries, not on dead letters.
   */
  static final String RETRY_AT = "sluice-retry-at";

  /** Eight bytes: the value's size, on a dead letter that had to leave its value behind. */
  static final String OMITTED_BYTES = "sluice-omitted-bytes";

  private static final Set<String> OURS =
      Set.of(
          ORIGINAL_TOPIC,
          ORIGINAL_PARTITION,
          ORIGINAL_OFFSET,
          ORIGINAL_TIMESTAMP,
          ORIGINAL_TIMESTAMP_TYPE,
          ORIGINAL_CONSUMER_GROUP,
          EXCEPTION_FQCN,
          EXCEPTION_CAUSE_FQCN,
          EXCEPTION_MESSAGE,
          EXCEPTION_STACKTRACE,
          ERROR_CODE,
          ATTEMPTS,
          FIRST_FAILURE,
          RETRY_AT,
          OMITTED_BYTES);
  private static final int MAX_MESSAGE = 2000;
  private static final int MAX_STACKTRACE = 12_000;

  private FailureHeaders() {}

  /**
   * The record's headers that are not about failures: all of its producer's, in order. What a
   * producer itself sent under these names on a topic of requests stays.
   */
  static Headers own(Received received) {
    Headers headers = new RecordHeaders();
    boolean first = received.provenance().attempt() instanceof Attempt.First;
    for (Header header : received.record().headers()) {
      if (first || !OURS.contains(header.key())) {
        headers.add(header);
      }
    }
    return headers;
  }

  /** The headers of a dead letter that holds the whole record. */
  static Headers whole(Received received, String group, Finding finding) {
    Headers headers = withoutOurs(received);
    addOurs(headers, received, group, finding);
    headers.add(
        EXCEPTION_STACKTRACE,
        Text.utf8(Text.bounded(stackTrace(finding.reason()), MAX_STACKTRACE)));
    return headers;
  }

  /** The headers of a dead letter that only points to a record too large to be taken along. */
  static Headers reference(Received received, String group, Finding finding) {
    Headers headers = new RecordHeaders();
    addOurs(headers, received, group, finding);
    byte[] value = received.record().value();
    headers.add(OMITTED_BYTES, number(value == null ? 0L : value.length));
    return headers;
  }

  /** The headers of a record that waits for its next attempt. */
  static Headers retry(Received received, String group, Finding finding, Instant due) {
    Headers headers = withoutOurs(received);
    addOurs(headers, received, group, finding);
    headers.add(RETRY_AT, number(due.toEpochMilli()));
    return headers;
  }

  /**
   * Why a request failed.
   *
   * @param attempts how often it was tried
   * @param now when it failed
   */
  record Finding(TaskException reason, int attempts, Instant now) {
    Finding {
      requireNonNull(reason, "reason is null");
      requireNonNull(now, "now is null");
    }
  }

  private static Headers withoutOurs(Received received) {
    Headers headers = new RecordHeaders();
    for (Header header : received.record().headers()) {
      if (!OURS.contains(header.key())) {
        headers.add(header);
      }
    }
    return headers;
  }

  private static void addOurs(Headers headers, Received received, String group, Finding finding) {
    Provenance provenance = received.provenance();
    TaskException reason = finding.reason();
    headers.add(ORIGINAL_TOPIC, Text.utf8(provenance.topic()));
    headers.add(ORIGINAL_PARTITION, number(provenance.partition()));
    headers.add(ORIGINAL_OFFSET, number(provenance.offset()));
    headers.add(ORIGINAL_TIMESTAMP, number(provenance.timestamp()));
    headers.add(ORIGINAL_TIMESTAMP_TYPE, Text.utf8(provenance.timestampType()));
    headers.add(ORIGINAL_CONSUMER_GROUP, Text.utf8(group));
    headers.add(EXCEPTION_FQCN, Text.utf8(reason.getClass().getName()));
    if (reason.getCause() != null) {
      headers.add(EXCEPTION_CAUSE_FQCN, Text.utf8(reason.getCause().getClass().getName()));
    }
    headers.add(EXCEPTION_MESSAGE, Text.utf8(Text.bounded(Text.message(reason), MAX_MESSAGE)));
    headers.add(ERROR_CODE, Text.utf8(reason.code().name()));
    headers.add(ATTEMPTS, number(finding.attempts()));
    headers.add(
        FIRST_FAILURE,
        number(
            switch (provenance.attempt()) {
              case Attempt.First() -> finding.now().toEpochMilli();
              case Attempt.Again again -> again.firstFailure().toEpochMilli();
            }));
  }

  private static byte[] number(int value) {
    return ByteBuffer.allocate(Integer.BYTES).putInt(value).array();
  }

  private static byte[] number(long value) {
    return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
  }

  private static String stackTrace(TaskException reason) {
    StringWriter text = new StringWriter();
    reason.printStackTrace(new PrintWriter(text, true));
    return text.toString();
  }
}

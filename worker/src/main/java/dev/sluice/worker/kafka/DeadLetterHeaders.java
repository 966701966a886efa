package dev.sluice.worker.kafka;

import dev.sluice.worker.model.TaskException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * What a dead letter says about itself: the headers of Spring Kafka's DeadLetterPublishingRecoverer
 * (names and encodings: UTF-8 text, big-endian numbers), so that tools which read those read ours,
 * and our own.
 *
 * <p>The record's own headers come first, unchanged and in order. Headers of these names that it
 * already had, as a replayed dead letter or a forger's record has, are replaced: each name occurs
 * once and tells of this worker's own finding.
 */
final class DeadLetterHeaders {
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

  private DeadLetterHeaders() {}

  /** The headers of a dead letter that holds the whole record. */
  static Headers whole(
      ConsumerRecord<byte[], byte[]> record,
      String group,
      TaskException reason,
      int attempts,
      Instant now) {
    Headers headers = new RecordHeaders();
    for (Header header : record.headers()) {
      if (!OURS.contains(header.key())) {
        headers.add(header);
      }
    }
    addOurs(headers, record, group, reason, attempts, now);
    headers.add(EXCEPTION_STACKTRACE, Text.utf8(Text.bounded(stackTrace(reason), MAX_STACKTRACE)));
    return headers;
  }

  /** The headers of a dead letter that only points to a record too large to be taken along. */
  static Headers reference(
      ConsumerRecord<byte[], byte[]> record,
      String group,
      TaskException reason,
      int attempts,
      Instant now) {
    Headers headers = new RecordHeaders();
    addOurs(headers, record, group, reason, attempts, now);
    headers.add(OMITTED_BYTES, number(record.value() == null ? 0L : record.value().length));
    return headers;
  }

  private static void addOurs(
      Headers headers,
      ConsumerRecord<byte[], byte[]> record,
      String group,
      TaskException reason,
      int attempts,
      Instant now) {
    headers.add(ORIGINAL_TOPIC, Text.utf8(record.topic()));
    headers.add(ORIGINAL_PARTITION, number(record.partition()));
    headers.add(ORIGINAL_OFFSET, number(record.offset()));
    headers.add(ORIGINAL_TIMESTAMP, number(record.timestamp()));
    headers.add(ORIGINAL_TIMESTAMP_TYPE, Text.utf8(record.timestampType().toString()));
    headers.add(ORIGINAL_CONSUMER_GROUP, Text.utf8(group));
    headers.add(EXCEPTION_FQCN, Text.utf8(reason.getClass().getName()));
    if (reason.getCause() != null) {
      headers.add(EXCEPTION_CAUSE_FQCN, Text.utf8(reason.getCause().getClass().getName()));
    }
    headers.add(EXCEPTION_MESSAGE, Text.utf8(Text.bounded(Text.message(reason), MAX_MESSAGE)));
    headers.add(ERROR_CODE, Text.utf8(reason.code().name()));
    headers.add(ATTEMPTS, number(attempts));
    headers.add(FIRST_FAILURE, number(now.toEpochMilli()));
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

package dev.sluice.tools.dlt;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/**
 * A record of the dead-letter topic, as it came. Every header may be missing or absurd: others can
 * write to the topic too.
 */
record DeadLetter(ConsumerRecord<byte[], byte[]> record) {

  /** Stands for what a dead letter does not say. */
  static final String UNKNOWN = "-";

  int partition() {
    return record.partition();
  }

  long offset() {
    return record.offset();
  }

  /** When it was written. */
  Instant time() {
    return Instant.ofEpochMilli(record.timestamp());
  }

  /** Its error code, {@link #UNKNOWN} if it has none. */
  String code() {
    return text(DeadLetterHeader.ERROR_CODE);
  }

  /** What happened, in words. */
  String message() {
    return text(DeadLetterHeader.EXCEPTION_MESSAGE);
  }

  /** Where the record stood first, as {@code topic/partition/offset}. */
  String original() {
    return "%s/%s/%s"
        .formatted(
            text(DeadLetterHeader.ORIGINAL_TOPIC),
            number(DeadLetterHeader.ORIGINAL_PARTITION),
            number(DeadLetterHeader.ORIGINAL_OFFSET));
  }

  /** How often it was tried. */
  String attempts() {
    return number(DeadLetterHeader.ATTEMPTS);
  }

  /** The original record's key: text, hexadecimal digits, or {@link #UNKNOWN} if it had none. */
  String key() {
    byte[] key = record.key();
    return key == null
        ? UNKNOWN
        : DeadLetterHeader.text(key).orElseGet(() -> DeadLetterHeader.hex(key));
  }

  /** The topic that the record came from, as the dead letter says; empty if it does not. */
  Optional<String> originalTopic() {
    return value(DeadLetterHeader.ORIGINAL_TOPIC)
        .flatMap(DeadLetterHeader::text)
        .filter(topic -> !topic.isEmpty());
  }

  /**
   * How often the request was sent again already, 0 if it was not. Where several headers say so the
   * largest number counts, so that a forged one cannot make a loop; what is no number does not.
   */
  long replays() {
    long replays = 0;
    for (Header header : record.headers().headers(DeadLetterHeader.REPLAYS)) {
      if (header.value() != null) {
        replays = Math.max(replays, DeadLetterHeader.number(header.value()).orElse(0));
      }
    }
    return replays;
  }

  /** Whether the original value was too large to be taken along: then it is only where it stood. */
  boolean isWithoutPayload() {
    return record.value() == null
        && record.headers().lastHeader(DeadLetterHeader.OMITTED_BYTES) != null;
  }

  /** Where it stands, as {@code topic-partition@offset}. */
  String place() {
    return "%s-%d@%d".formatted(record.topic(), partition(), offset());
  }

  /** The original record's value, empty if it had none. */
  byte[] payload() {
    return record.value() == null ? new byte[0] : record.value();
  }

  /** All headers as people read them, in order; where a name occurs twice, the last one. */
  Map<String, String> headers() {
    Map<String, String> headers = new LinkedHashMap<>();
    for (Header header : record.headers()) {
      headers.put(header.key(), DeadLetterHeader.readable(header));
    }
    return headers;
  }

  private String text(String name) {
    return value(name).flatMap(DeadLetterHeader::text).orElse(UNKNOWN);
  }

  private String number(String name) {
    OptionalLong number = value(name).map(DeadLetterHeader::number).orElseGet(OptionalLong::empty);
    return number.isPresent() ? Long.toString(number.getAsLong()) : UNKNOWN;
  }

  private Optional<byte[]> value(String name) {
    return Optional.ofNullable(record.headers().lastHeader(name)).map(Header::value);
  }
}

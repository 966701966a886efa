package dev.sluice.tools.dlt;

import dev.sluice.tools.Text;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.kafka.common.header.Header;

/**
 * A header as people read it. The names and encodings are those of Spring Kafka's
 * DeadLetterPublishingRecoverer: text is UTF-8, numbers are big-endian, four bytes or eight; and
 * those of Sluice, which follow the same rule. Pure.
 */
final class DeadLetterHeader {

  static final String ORIGINAL_TOPIC = "kafka_dlt-original-topic";
  static final String ORIGINAL_PARTITION = "kafka_dlt-original-partition";
  static final String ORIGINAL_OFFSET = "kafka_dlt-original-offset";
  static final String ORIGINAL_TIMESTAMP = "kafka_dlt-original-timestamp";
  static final String EXCEPTION_MESSAGE = "kafka_dlt-exception-message";
  static final String ERROR_CODE = "sluice-error-code";
  static final String ATTEMPTS = "sluice-attempts";
  static final String FIRST_FAILURE = "sluice-first-failure";
  static final String RETRY_AT = "sluice-retry-at";

  /** Eight bytes: how large the value was that did not fit into the dead letter. */
  static final String OMITTED_BYTES = "sluice-omitted-bytes";

  /** Four bytes: how often a request has been sent again from its dead letters. */
  static final String REPLAYS = "sluice-replays";

  /** Text: {@code topic-partition@offset} of the dead letter that a request was sent from. */
  static final String REPLAYED_FROM = "sluice-replayed-from";

  private static final String SPRING = "kafka_dlt-";

  /** How the numbers are told from text, which may be four or eight bytes long as well. */
  private static final Map<String, Kind> NUMBERS =
      Map.of(
          ORIGINAL_PARTITION,
          Kind.NUMBER,
          ORIGINAL_OFFSET,
          Kind.NUMBER,
          ORIGINAL_TIMESTAMP,
          Kind.INSTANT,
          ATTEMPTS,
          Kind.NUMBER,
          FIRST_FAILURE,
          Kind.INSTANT,
          RETRY_AT,
          Kind.INSTANT,
          OMITTED_BYTES,
          Kind.NUMBER,
          REPLAYS,
          Kind.NUMBER);

  private static final Set<String> OF_THE_FAILURE =
      Set.of(ERROR_CODE, ATTEMPTS, FIRST_FAILURE, RETRY_AT, OMITTED_BYTES);

  private static final int LONGEST_HEX = 64;

  private DeadLetterHeader() {}

  /**
   * Whether a header tells of the failure and is none of the request's own: all that the worker
   * added.
   */
  static boolean isOfTheFailure(String name) {
    return name.startsWith(SPRING) || OF_THE_FAILURE.contains(name);
  }

  /** The number in {@code value}; empty if it is neither four bytes long nor eight. */
  static OptionalLong number(byte[] value) {
    return switch (value.length) {
      case Integer.BYTES -> OptionalLong.of(ByteBuffer.wrap(value).getInt());
      case Long.BYTES -> OptionalLong.of(ByteBuffer.wrap(value).getLong());
      default -> OptionalLong.empty();
    };
  }

  /** The text in {@code value}; empty if it is not UTF-8. */
  static Optional<String> text(byte[] value) {
    try {
      return Optional.of(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(value)).toString());
    } catch (CharacterCodingException e) {
      // The caller shows other bytes as hexadecimal digits.
      return Optional.empty();
    }
  }

  /**
   * What {@code header} says, for people: a number, an instant with its milliseconds, text, or
   * hexadecimal digits when the bytes are not what the name promises.
   */
  static String readable(Header header) {
    byte[] value = header.value();
    if (value == null) {
      return "";
    }
    Kind kind = NUMBERS.getOrDefault(header.key(), Kind.TEXT);
    OptionalLong number = number(value);
    if (kind != Kind.TEXT) {
      return number.isPresent() ? kind.write(number.getAsLong()) : hex(value);
    }
    return text(value).filter(DeadLetterHeader::isPrintable).orElseGet(() -> hex(value));
  }

  /** {@code value} as hexadecimal digits, its beginning if it is long. */
  static String hex(byte[] value) {
    int shown = Math.min(value.length, LONGEST_HEX);
    String digits = "0x" + HexFormat.of().formatHex(value, 0, shown);
    return shown == value.length ? digits : "%s… (%d bytes)".formatted(digits, value.length);
  }

  private static boolean isPrintable(String text) {
    return text.codePoints()
        .allMatch(character ->
            character == '\n'
                || character == '\r'
                || character == '\t'
                || !Text.isControl(character));
  }

  private enum Kind {
    TEXT,
    NUMBER,
    INSTANT;

    String write(long number) {
      return this == INSTANT
          ? Instant.ofEpochMilli(number) + " (" + number + ")"
          : Long.toString(number);
    }
  }
}

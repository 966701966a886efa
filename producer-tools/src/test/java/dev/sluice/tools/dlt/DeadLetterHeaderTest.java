package dev.sluice.tools.dlt;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeadLetterHeaderTest {

  @ParameterizedTest
  @CsvSource({
    "kafka_dlt-original-partition, 00000007, 7",
    "kafka_dlt-original-offset, 000000000000002a, 42",
    "kafka_dlt-original-offset, ffffffffffffffff, -1",
    "kafka_dlt-original-timestamp, 00000000000003e8, 1970-01-01T00:00:01Z (1000)",
    "sluice-attempts, 00000003, 3",
    "sluice-first-failure, 0000000000000000, 1970-01-01T00:00:00Z (0)",
    "kafka_dlt-original-offset, 3432, 0x3432",
    "kafka_dlt-original-offset, '', 0x",
    "kafka_dlt-original-topic, 6162, ab",
    "kafka_dlt-original-topic, 61626364, abcd",
    "kafka_dlt-exception-message, 4e6f20e284962037, No № 7",
    "traceparent, ff00, 0xff00",
    "anything, 1b5b324a, 0x1b5b324a",
  })
  void isReadAsItsNameSays(String name, String bytes, String readable) {
    assertThat(DeadLetterHeader.readable(new RecordHeader(name, HexFormat.of().parseHex(bytes))))
        .isEqualTo(readable);
  }

  @Test
  void aHeaderWithoutValueIsEmpty() {
    assertThat(DeadLetterHeader.readable(new RecordHeader("x", (byte[]) null))).isEmpty();
  }

  @Test
  void numbersOfEitherSizeComeBack() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int i = 0; i < 1000; i++) {
      int four = random.nextInt();
      long eight = random.nextLong();
      assertThat(DeadLetterHeader.number(ByteBuffer.allocate(4).putInt(four).array()))
          .as("seed %d", seed)
          .hasValue(four);
      assertThat(DeadLetterHeader.number(ByteBuffer.allocate(8).putLong(eight).array()))
          .as("seed %d", seed)
          .hasValue(eight);
    }
  }

  @Test
  void anyBytesUnderAnyNameAreReadableText() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    String[] names = {
      "kafka_dlt-original-timestamp", "sluice-retry-at", "sluice-error-code", "other"
    };
    for (int i = 0; i < 5000; i++) {
      byte[] bytes = new byte[random.nextInt(100)];
      random.nextBytes(bytes);
      String readable = DeadLetterHeader.readable(new RecordHeader(names[i % names.length], bytes));
      assertThat(readable.getBytes(StandardCharsets.UTF_8))
          .as("seed %d", seed)
          .doesNotContain(0x1b, 0x00, 0x07);
    }
  }
}

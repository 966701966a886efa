package dev.sluice.worker.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.Position;
import dev.sluice.worker.model.TaskException;
import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

class FailureHeadersTest {
  private static final Instant NOW = Instant.ofEpochMilli(0x0102030405060708L >> 16);
  private final TaskException reason =
      new TaskException(
          ErrorCode.IMAGE_UNAVAILABLE, "no answer from \u00fcber", new IOException("reset"));

  private static ConsumerRecord<byte[], byte[]> record(Headers headers) {
    return new ConsumerRecord<>(
        "requests",
        258,
        0x01020304050607L,
        0x0A0B0C0D0EL,
        TimestampType.LOG_APPEND_TIME,
        1,
        5,
        new byte[] {1},
        new byte[] {1, 2, 3, 4, 5},
        headers,
        Optional.empty());
  }

  private static Received received(Headers headers) {
    ConsumerRecord<byte[], byte[]> record = record(headers);
    Topics topics = new Topics(List.of("requests"), "results", "dlt", List.of());
    return new Received(
        record,
        new Position(record.topic(), record.partition(), record.offset(), 1),
        Provenance.of(record, topics));
  }

  @Test
  void areByteForByteWhatSpringWrites() {
    Headers headers =
        FailureHeaders.whole(
            received(new RecordHeaders()), "sluice", new FailureHeaders.Finding(reason, 3, NOW));
    assertThat(text(headers, "kafka_dlt-original-topic")).isEqualTo("requests");
    assertThat(hex(headers, "kafka_dlt-original-partition")).isEqualTo("00000102");
    assertThat(hex(headers, "kafka_dlt-original-offset")).isEqualTo("0001020304050607");
    assertThat(hex(headers, "kafka_dlt-original-timestamp")).isEqualTo("0000000a0b0c0d0e");
    assertThat(text(headers, "kafka_dlt-original-timestamp-type")).isEqualTo("LogAppendTime");
    assertThat(text(headers, "kafka_dlt-original-consumer-group")).isEqualTo("sluice");
    assertThat(text(headers, "kafka_dlt-exception-fqcn"))
        .isEqualTo("dev.sluice.worker.model.TaskException");
    assertThat(text(headers, "kafka_dlt-exception-cause-fqcn")).isEqualTo("java.io.IOException");
    assertThat(text(headers, "kafka_dlt-exception-message")).isEqualTo("no answer from \u00fcber");
    assertThat(text(headers, "kafka_dlt-exception-stacktrace"))
        .startsWith("dev.sluice.worker.model.TaskException: no answer from \u00fcber")
        .contains("Caused by: java.io.IOException: reset");
    assertThat(text(headers, "sluice-error-code")).isEqualTo("IMAGE_UNAVAILABLE");
    assertThat(hex(headers, "sluice-attempts")).isEqualTo("00000003");
    assertThat(hex(headers, "sluice-first-failure")).isEqualTo("0000010203040506");
    assertThat(headers.lastHeader("sluice-retry-at")).isNull();
    assertThat(headers.lastHeader("sluice-omitted-bytes")).isNull();
  }

  @Test
  void theRecordsOwnComeFirstUnchangedAndOursAreReplaced() {
    Headers own =
        new RecordHeaders()
            .add("traceparent", "a".getBytes(UTF_8))
            .add("sluice-error-code", "FORGED".getBytes(UTF_8))
            .add("traceparent", "b".getBytes(UTF_8))
            .add("empty", null)
            .add("kafka_dlt-original-topic", "elsewhere".getBytes(UTF_8));
    List<Header> all =
        Arrays.asList(
            FailureHeaders.whole(received(own), "g", new FailureHeaders.Finding(reason, 1, NOW))
                .toArray());
    assertThat(all.subList(0, 3))
        .extracting(
            Header::key, each -> each.value() == null ? "null" : new String(each.value(), UTF_8))
        .containsExactly(
            tuple("traceparent", "a"), tuple("traceparent", "b"), tuple("empty", "null"));
    assertThat(all).filteredOn(each -> each.key().equals("sluice-error-code")).hasSize(1);
    assertThat(all).filteredOn(each -> each.key().equals("kafka_dlt-original-topic")).hasSize(1);
  }

  @Test
  void areBoundedWhateverTheReasonSays() {
    TaskException endless =
        new TaskException(
            ErrorCode.INTERNAL, "x".repeat(1 << 20), new IOException("y".repeat(1 << 20)));
    Headers own = new RecordHeaders().add("large", new byte[1 << 20]);
    assertThat(
            size(
                FailureHeaders.whole(
                    received(new RecordHeaders()),
                    "g",
                    new FailureHeaders.Finding(endless, 1, NOW))))
        .isLessThan(16_000);
    Headers reference =
        FailureHeaders.reference(received(own), "g", new FailureHeaders.Finding(endless, 1, NOW));
    assertThat(size(reference)).isLessThan(4000);
    assertThat(hex(reference, "sluice-omitted-bytes")).isEqualTo("0000000000000005");
    assertThat(reference.lastHeader("large")).isNull();
  }

  private static int size(Headers headers) {
    return Arrays.stream(headers.toArray())
        .mapToInt(each -> each.key().length() + each.value().length)
        .sum();
  }

  private static String text(Headers headers, String name) {
    return new String(headers.lastHeader(name).value(), UTF_8);
  }

  private static String hex(Headers headers, String name) {
    return HexFormat.of().formatHex(headers.lastHeader(name).value());
  }
}

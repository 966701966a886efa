package dev.sluice.tools.dlt;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sluice.v1.InferenceRequest;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Random;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;

/** Dead letters for tests. */
final class Letters {
  static final String TOPIC = "requests-dlt";
  static final long TIME = 1_790_000_000_000L;

  private static final String[] NAMES = {
    "kafka_dlt-original-topic",
    "kafka_dlt-original-offset",
    "kafka_dlt-exception-message",
    "kafka_dlt-",
    "kafka_dl",
    "sluice-error-code",
    "sluice-attempts",
    "sluice-first-failure",
    "sluice-retry-at",
    "sluice-omitted-bytes",
    "sluice-replays",
    "sluice-replayed-from",
    "sluice-replayed-frome",
    "traceparent",
    "",
  };

  private Letters() {}

  static DeadLetter of(int partition, long offset, byte @Nullable [] value, Headers headers) {
    return of(partition, offset, TIME, "k".getBytes(UTF_8), value, headers);
  }

  static DeadLetter of(
      int partition,
      long offset,
      long time,
      byte @Nullable [] key,
      byte @Nullable [] value,
      Headers headers) {
    return new DeadLetter(
        new ConsumerRecord<>(
            TOPIC,
            partition,
            offset,
            time,
            TimestampType.CREATE_TIME,
            0,
            0,
            key,
            value,
            headers,
            Optional.empty()));
  }

  /** The headers that a worker writes, and one of the request's own. */
  static Headers headers(String topic, String code) {
    return new RecordHeaders()
        .add("traceparent", "00-1".getBytes(UTF_8))
        .add("kafka_dlt-original-topic", topic.getBytes(UTF_8))
        .add("kafka_dlt-original-partition", four(5))
        .add("kafka_dlt-original-offset", eight(7))
        .add("kafka_dlt-exception-message", "gone".getBytes(UTF_8))
        .add("kafka_dlt-exception-stacktrace", "at x".getBytes(UTF_8))
        .add("sluice-error-code", code.getBytes(UTF_8))
        .add("sluice-attempts", four(1))
        .add("sluice-first-failure", eight(TIME));
  }

  /** Headers that nobody would write: wrong sizes, doubles, none at all, absurd values. */
  static Headers hostile(Random random) {
    Headers headers = new RecordHeaders();
    int count = random.nextInt(12);
    for (int i = 0; i < count; i++) {
      byte[] value = new byte[random.nextInt(10)];
      random.nextBytes(value);
      headers.add(
          NAMES[random.nextInt(NAMES.length)],
          switch (random.nextInt(6)) {
            case 0 -> null;
            case 1 -> "IMAGE_CORRUPT".getBytes(UTF_8);
            case 2 -> "requests".getBytes(UTF_8);
            case 3 -> four(random.nextInt(5));
            default -> value;
          });
    }
    return headers;
  }

  static Payload request(String id, @Nullable String uri) {
    return new Payload.Request(
        InferenceRequest.newBuilder()
            .setRequestId(id)
            .setImageUri(uri)
            .setImageBytes(uri == null ? ByteBuffer.wrap(new byte[] {1, 2, 3}) : null)
            .build());
  }

  static byte[] four(int number) {
    return ByteBuffer.allocate(4).putInt(number).array();
  }

  static byte[] eight(long number) {
    return ByteBuffer.allocate(8).putLong(number).array();
  }
}

package dev.sluice.worker.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.worker.model.Attempt;
import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.Position;
import dev.sluice.worker.model.TaskException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

class ProvenanceTest {
  private static final Topics TOPICS =
      new Topics(
          List.of("requests"),
          "results",
          "dlt",
          List.of(Duration.ofSeconds(10), Duration.ofMinutes(1)));
  private static final Instant SENT = Instant.parse("2026-11-20T08:00:00Z");

  private static ConsumerRecord<byte[], byte[]> record(
      String topic, int partition, long offset, Instant timestamp, Headers headers) {
    return new ConsumerRecord<>(
        topic,
        partition,
        offset,
        timestamp.toEpochMilli(),
        TimestampType.CREATE_TIME,
        1,
        1,
        new byte[] {1},
        new byte[] {2},
        headers,
        Optional.empty());
  }

  private static Received received(ConsumerRecord<byte[], byte[]> record) {
    return new Received(
        record,
        new Position(record.topic(), record.partition(), record.offset(), 1),
        Provenance.of(record, TOPICS));
  }

  @Test
  void aRequestIsItsOwnOriginAndAlwaysDue() {
    Headers forged =
        new RecordHeaders()
            .add(FailureHeaders.ORIGINAL_TOPIC, "x".getBytes(StandardCharsets.UTF_8));
    Provenance provenance = Provenance.of(record("requests", 3, 77, SENT, forged), TOPICS);
    assertThat(provenance)
        .isEqualTo(
            new Provenance(
                "requests",
                3,
                77,
                SENT.toEpochMilli(),
                "CreateTime",
                new Attempt.First(),
                Instant.MIN));
  }

  @Test
  void whatHappenedIsCarriedUpTheLadder() {
    Received first = received(record("requests", 3, 77, SENT, own()));
    Instant failed = SENT.plusSeconds(5);
    Headers once =
        FailureHeaders.retry(
            first,
            "group",
            new FailureHeaders.Finding(reason(), 1, failed),
            failed.plusSeconds(10));
    Received second = received(record("requests-retry-10s", 0, 1, failed, once));
    assertThat(second.provenance())
        .isEqualTo(
            new Provenance(
                "requests",
                3,
                77,
                SENT.toEpochMilli(),
                "CreateTime",
                new Attempt.Again(2, 0, failed),
                failed.plusSeconds(10)));

    Instant again = failed.plusSeconds(11);
    Headers twice =
        FailureHeaders.retry(
            second, "group", new FailureHeaders.Finding(reason(), 2, again), again.plusSeconds(60));
    Received third = received(record("requests-retry-1m", 5, 9, again, twice));
    assertThat(third.provenance().attempt()).isEqualTo(new Attempt.Again(3, 1, failed));
    assertThat(third.provenance().offset()).isEqualTo(77);
    assertThat(FailureHeaders.own(third)).isEqualTo(own());

    Headers buried =
        FailureHeaders.whole(
            third, "group", new FailureHeaders.Finding(reason(), 3, again.plusSeconds(61)));
    assertThat(
            new String(
                buried.lastHeader("kafka_dlt-original-topic").value(), StandardCharsets.UTF_8))
        .isEqualTo("requests");
    assertThat(buried.lastHeader("sluice-retry-at")).isNull();
    assertThat(buried.headers("sluice-attempts")).hasSize(1);
  }

  /** Whatever stands in the headers, the record is handled, and no later than its step says. */
  @Test
  void forgedHeadersAreHarmless() {
    long seed = System.nanoTime();
    System.out.println("ProvenanceTest.forgedHeadersAreHarmless: seed " + seed);
    Random random = new Random(seed);
    List<String> names =
        List.of(
            FailureHeaders.ORIGINAL_TOPIC,
            FailureHeaders.ORIGINAL_PARTITION,
            FailureHeaders.ORIGINAL_OFFSET,
            FailureHeaders.ORIGINAL_TIMESTAMP,
            FailureHeaders.ORIGINAL_TIMESTAMP_TYPE,
            FailureHeaders.ATTEMPTS,
            FailureHeaders.FIRST_FAILURE,
            FailureHeaders.RETRY_AT);
    for (int round = 0; round < 5_000; round++) {
      Headers headers = new RecordHeaders();
      for (String name : names) {
        if (random.nextInt(4) > 0) {
          byte[] value = new byte[random.nextInt(3) * 4 + (random.nextInt(8) == 0 ? 1 : 0)];
          random.nextBytes(value);
          headers.add(name, random.nextInt(10) == 0 ? null : value);
        }
      }
      Provenance provenance =
          Provenance.of(record("requests-retry-10s", 2, 5, SENT, headers), TOPICS);
      assertThat(provenance.topic()).isEqualTo("requests");
      assertThat(provenance.due()).as("seed %d", seed).isBeforeOrEqualTo(SENT.plusSeconds(11));
      assertThat(provenance.partition()).as("seed %d", seed).isNotNegative();
      assertThat(provenance.offset()).as("seed %d", seed).isNotNegative();
      assertThat(provenance.attempt().number()).as("seed %d", seed).isPositive();
      assertThat(((Attempt.Again) provenance.attempt()).firstFailure())
          .as("seed %d", seed)
          .isBeforeOrEqualTo(SENT);
    }
  }

  private static Headers own() {
    return new RecordHeaders().add("traceparent", new byte[] {7}).add("other", null);
  }

  private static TaskException reason() {
    return new TaskException(ErrorCode.IMAGE_UNAVAILABLE, "503");
  }
}

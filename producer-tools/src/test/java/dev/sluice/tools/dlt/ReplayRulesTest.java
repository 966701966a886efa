package dev.sluice.tools.dlt;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.worker.kafka.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReplayRulesTest {
  private static final Set<String> TOPICS =
      Set.of("requests", "other", "results", Letters.TOPIC, "__consumer_offsets");

  private final List<String> asked = new ArrayList<>();
  private final ReplayRules rules = rules("");

  @Test
  void theRequestGoesOutAsItWasWithItsProvenanceAndWithoutTheFailure() {
    byte[] value = {0, 1, 2};
    DeadLetter letter = Letters.of(3, 42, value, Letters.headers("requests", "INTERNAL"));

    ProducerRecord<byte[], byte[]> sent = sent(rules.decide(letter));

    assertThat(sent.topic()).isEqualTo("requests");
    assertThat(sent.value()).isEqualTo(value);
    assertThat(sent.key()).isEqualTo("k".getBytes(UTF_8));
    assertThat(sent.partition()).isNull();
    assertThat(sent.timestamp()).isNull();
    assertThat(names(sent.headers()))
        .containsExactly("traceparent", "sluice-replays", "sluice-replayed-from");
    assertThat(last(sent, "sluice-replays")).isEqualTo(Letters.four(1));
    assertThat(new String(last(sent, "sluice-replayed-from"), UTF_8))
        .isEqualTo("requests-dlt-3@42");
  }

  @ParameterizedTest
  @CsvSource({
    "requests, requests",
    "requests-retry-10s, requests",
    "requests-retry-1m, requests",
    "requests-retry-500ms, requests",
    "a-retry-1m-retry-10m, a-retry-1m",
    "requests-retry-, requests-retry-",
    "requests-retry-soon, requests-retry-soon",
    "-retry-10s, -retry-10s",
  })
  void aRetryTopicStandsForItsRequestsTopic(String original, String requests) {
    assertThat(ReplayRules.requestsTopic(original)).isEqualTo(requests);
  }

  /** The name is the worker's to choose. */
  @Test
  void everyRetryTopicOfAWorkerStandsForItsRequestsTopic() {
    for (String delay :
        List.of("PT0.000000001S", "PT0.000001S", "PT0.5S", "PT90S", "PT10M", "PT5H", "P2D")) {
      assertThat(ReplayRules.requestsTopic(Topics.retryTopic("a.b-c", Duration.parse(delay))))
          .as(delay)
          .isEqualTo("a.b-c");
    }
  }

  @Test
  void aLoopEndsAtTheLimit() {
    DeadLetter letter = Letters.of(0, 0, new byte[1], Letters.headers("requests", "INTERNAL"));
    int rounds = 0;
    while (rules.decide(letter) instanceof ReplayDecision.Send(var record)) {
      rounds++;
      assertThat(last(record, "sluice-replays")).isEqualTo(Letters.four(rounds));
      // What the worker does with it: the record's own headers stay, its own are added.
      Headers again = Letters.headers("requests", "INTERNAL");
      record.headers().forEach(again::add);
      letter = Letters.of(0, rounds, record.value(), again);
    }
    assertThat(rounds).isEqualTo(3);
    assertThat(rules.decide(letter))
        .isEqualTo(new ReplayDecision.Refuse(Refusal.REPLAYED_TOO_OFTEN));
  }

  @Test
  void aForgedSecondCountDoesNotHideTheFirst() {
    Headers headers = Letters.headers("requests", "INTERNAL");
    headers.add("sluice-replays", Letters.four(3));
    headers.add("sluice-replays", Letters.four(-7));
    headers.add("sluice-replays", new byte[] {1});
    headers.add("sluice-replays", null);

    assertThat(rules.decide(Letters.of(0, 0, new byte[1], headers)))
        .isEqualTo(new ReplayDecision.Refuse(Refusal.REPLAYED_TOO_OFTEN));
  }

  @Test
  void aHugeCountIsRefusedAndDoesNotWrapAround() {
    Headers headers =
        Letters.headers("requests", "INTERNAL")
            .add("sluice-replays", Letters.eight(Long.MAX_VALUE));
    DeadLetter letter = Letters.of(0, 0, new byte[1], headers);

    assertThat(rules.decide(letter)).isInstanceOf(ReplayDecision.Refuse.class);
    assertThat(
            last(
                sent(
                    new ReplayRules("", Long.MAX_VALUE, Set.of(), TOPICS::contains)
                        .decide(
                            Letters.of(
                                0,
                                0,
                                new byte[1],
                                Letters.headers("requests", "INTERNAL")
                                    .add("sluice-replays", Letters.eight(Long.MAX_VALUE - 1))))),
                "sluice-replays"))
        .isEqualTo(Letters.four(Integer.MAX_VALUE));
  }

  @Test
  void whatCannotGoAnywhereIsRefusedForItsReason() {
    Headers reference = Letters.headers("requests", "INTERNAL");
    reference.add("sluice-omitted-bytes", Letters.eight(9_000_000));
    assertThat(refused(Letters.of(0, 0, null, reference))).isEqualTo(Refusal.PAYLOAD_OMITTED);
    assertThat(refused(Letters.of(0, 0, new byte[1], Letters.headers("gone", "X"))))
        .isEqualTo(Refusal.TOPIC_MISSING);
    assertThat(refused(Letters.of(0, 0, new byte[1], Letters.headers("", "X"))))
        .isEqualTo(Refusal.ORIGINAL_TOPIC_UNKNOWN);
    assertThat(refused(Letters.of(0, 0, new byte[1], new RecordHeaders())))
        .isEqualTo(Refusal.ORIGINAL_TOPIC_UNKNOWN);
    for (String topic : List.of("results", Letters.TOPIC, "__consumer_offsets")) {
      assertThat(refused(Letters.of(0, 0, new byte[1], Letters.headers(topic, "X"))))
          .as(topic)
          .isEqualTo(Refusal.TOPIC_NOT_FOR_REQUESTS);
    }
  }

  @Test
  void allGoToAnotherTopicWhenSaid() {
    assertThat(
            sent(rules("other").decide(Letters.of(0, 0, new byte[1], Letters.headers("gone", "X"))))
                .topic())
        .isEqualTo("other");
  }

  @Test
  void aRequestWithoutValueThatNeverHadOneGoesOutAsItWas() {
    assertThat(sent(rules.decide(Letters.of(0, 0, null, Letters.headers("requests", "X")))).value())
        .isNull();
  }

  @Test
  void theBrokersAreAskedOnceForATopic() {
    for (int i = 0; i < 10; i++) {
      boolean _ =
          rules.decide(Letters.of(0, i, new byte[1], Letters.headers("requests", "X")))
              instanceof ReplayDecision.Send;
    }
    assertThat(asked).containsExactly("requests");
  }

  @Test
  void whateverTheHeadersTheRequestsOwnStayInOrderAndProvenanceIsThereOnce() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    int sent = 0;
    for (int i = 0; i < 20_000; i++) {
      Headers hostile = Letters.hostile(random);
      DeadLetter letter = Letters.of(1, i, new byte[] {(byte) i}, hostile);
      if (rules("other").decide(letter) instanceof ReplayDecision.Send(var record)) {
        sent++;
        List<Header> own = new ArrayList<>();
        hostile.forEach(header -> {
          if (Set.of("kafka_dl", "sluice-replayed-frome", "traceparent", "")
              .contains(header.key())) {
            own.add(header);
          }
        });
        List<Header> all = Arrays.asList(record.headers().toArray());
        assertThat(all.subList(0, all.size() - 2)).as("seed %d", seed).isEqualTo(own);
        assertThat(new HashSet<>(names(record.headers()).subList(own.size(), all.size())))
            .as("seed %d", seed)
            .containsExactlyInAnyOrder("sluice-replays", "sluice-replayed-from");
        assertThat(last(record, "sluice-replays")).as("seed %d", seed).hasSize(4);
      }
    }
    assertThat(sent).as("seed %d: the test means something", seed).isGreaterThan(5000);
  }

  private ReplayRules rules(String destination) {
    return new ReplayRules(
        destination,
        3,
        Set.of("results", Letters.TOPIC),
        topic -> {
          asked.add(topic);
          return TOPICS.contains(topic);
        });
  }

  private Refusal refused(DeadLetter letter) {
    return ((ReplayDecision.Refuse) rules.decide(letter)).reason();
  }

  private static ProducerRecord<byte[], byte[]> sent(ReplayDecision decision) {
    return ((ReplayDecision.Send) decision).record();
  }

  private static byte[] last(ProducerRecord<byte[], byte[]> record, String header) {
    return record.headers().lastHeader(header).value();
  }

  private static List<String> names(Headers headers) {
    return StreamSupport.stream(headers.spliterator(), false).map(Header::key).toList();
  }
}

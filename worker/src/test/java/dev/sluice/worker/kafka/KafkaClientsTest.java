package dev.sluice.worker.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KafkaClientsTest {
  private static ConnectionSettings with(
      Map<String, String> properties, Map<String, String> consumer, Map<String, String> producer) {
    return new ConnectionSettings(
        "broker:9092", "http://registry:8081", "sluice", properties, consumer, producer);
  }

  @Test
  void theProtocolIsTheBestThatTheBrokersOffer() {
    ConnectionSettings plain = with(Map.of(), Map.of(), Map.of());
    assertThat(KafkaClients.consumerSettings(plain, GroupProtocol.CONSUMER))
        .containsEntry("group.protocol", "consumer")
        .containsEntry("group.remote.assignor", "range")
        .doesNotContainKey("partition.assignment.strategy");
    assertThat(KafkaClients.consumerSettings(plain, GroupProtocol.CLASSIC))
        .containsEntry("group.protocol", "classic")
        .doesNotContainKey("group.remote.assignor")
        .hasEntrySatisfying(
            "partition.assignment.strategy",
            name -> assertThat(name.toString()).endsWith("CooperativeStickyAssignor"));
  }

  @Test
  void aSettingOfTheClassicProtocolChoosesIt() {
    ConnectionSettings tuned = with(Map.of(), Map.of("session.timeout.ms", "6000"), Map.of());
    assertThat(KafkaClients.consumerSettings(tuned, GroupProtocol.CONSUMER))
        .containsEntry("group.protocol", "classic");
    ConnectionSettings said = with(Map.of(), Map.of("group.protocol", "classic"), Map.of());
    assertThat(KafkaClients.consumerSettings(said, GroupProtocol.CONSUMER))
        .containsEntry("group.protocol", "classic")
        .containsKey("partition.assignment.strategy");
  }

  @Test
  void whatTheConfigurationSaysWinsButForCorrectness() {
    ConnectionSettings connection =
        with(
            Map.of("client.id", "all", "enable.auto.commit", "true", "acks", "0"),
            Map.of("client.id", "mine", "isolation.level", "read_uncommitted", "group.id", "x"),
            Map.of("linger.ms", "20", "enable.idempotence", "false"));
    assertThat(KafkaClients.consumerSettings(connection, GroupProtocol.CONSUMER))
        .containsEntry("client.id", "mine")
        .containsEntry("isolation.level", "read_uncommitted")
        .containsEntry("auto.offset.reset", "earliest")
        .containsEntry("group.id", "sluice")
        .containsEntry("enable.auto.commit", false);
    assertThat(KafkaClients.producerSettings(connection))
        .containsEntry("client.id", "all")
        .containsEntry("linger.ms", "20")
        .containsEntry("acks", "all")
        .containsEntry("enable.idempotence", true);
  }

  @Test
  void secretsAreNotPrinted() {
    assertThat(with(Map.of("sasl.jaas.config", "hunter2"), Map.of(), Map.of()).toString())
        .doesNotContain("hunter2");
  }

  @Test
  void theBackoffDoublesWithinItsBounds() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(10));
    for (int failures = 1; failures < 200; failures++) {
      long full = Math.min(10_000, failures > 20 ? 10_000 : 100L << (failures - 1));
      assertThat(backoff.delay(failures, random.nextDouble()))
          .as("seed %d, failures %d", seed, failures)
          .isBetween(Duration.ofMillis(full / 2), Duration.ofMillis(full));
    }
  }

  @Test
  void textIsCutBetweenCharacters() {
    assertThat(Text.bounded("abcdef", 6)).isEqualTo("abcdef");
    assertThat(Text.bounded("abcdefg", 6)).isEqualTo("abc...");
    assertThat(Text.bounded("ab\uD83D\uDE00defgh", 6)).isEqualTo("ab...");
  }
}

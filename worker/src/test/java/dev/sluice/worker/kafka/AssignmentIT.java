package dev.sluice.worker.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.devstack.KafkaCluster;
import dev.sluice.devstack.junit.FreshNames;
import dev.sluice.devstack.junit.WithDevstack;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.junit.jupiter.api.Test;

/** Who gets which partitions, on a real broker. */
@WithDevstack
class AssignmentIT {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final int PARTITIONS = 8;
  private static final int TOPICS = 4;

  private final KafkaCluster kafka;
  private final FreshNames names;

  AssignmentIT(KafkaCluster kafka, FreshNames names) {
    this.kafka = kafka;
    this.names = names;
  }

  /**
   * Evened out over all topics together, the workers that come and go leave the partitions of
   * requests with few, and those of retries with the others.
   */
  @Test
  void everyWorkerHasItsShareOfEachTopicWhoeverComesAndGoes() {
    List<String> topics = new ArrayList<>();
    for (int i = 0; i < TOPICS; i++) {
      topics.add(names.of("assignment-" + i));
      kafka.createTopic(topics.getLast(), PARTITIONS);
    }
    ConnectionSettings connection =
        new ConnectionSettings(
            kafka.bootstrapServers(),
            "http://unused",
            names.of("group"),
            Map.of(),
            Map.of(),
            Map.of());
    List<Consumer<byte[], byte[]>> members = new ArrayList<>();
    try {
      join(members, connection, topics);
      for (int change = 0; change < 3; change++) {
        join(members, connection, topics);
        join(members, connection, topics);
        join(members, connection, topics);
        leave(members.removeFirst());
        awaitShares(members, topics);
        leave(members.removeLast());
        leave(members.remove(1));
        awaitShares(members, topics);
      }
    } finally {
      members.forEach(AssignmentIT::leave);
    }
  }

  private static void join(
      List<Consumer<byte[], byte[]>> members, ConnectionSettings connection, List<String> topics) {
    Consumer<byte[], byte[]> member =
        KafkaClients.consumer(connection, GroupProtocol.CONSUMER, Guarantee.AT_LEAST_ONCE);
    member.subscribe(topics);
    members.add(member);
    awaitShares(members, topics);
  }

  private static void leave(Consumer<byte[], byte[]> member) {
    member.close(CloseOptions.timeout(Duration.ofSeconds(5)));
  }

  /** Every partition is taken, and nobody has two more of a topic than another. */
  private static void awaitShares(List<Consumer<byte[], byte[]>> members, List<String> topics) {
    await()
        .atMost(SOON)
        .pollInterval(Duration.ofMillis(10))
        .untilAsserted(() -> {
          members.forEach(member -> assertThat(member.poll(Duration.ofMillis(20))).isEmpty());
          for (String topic : topics) {
            List<Long> shares = members.stream().map(member -> share(member, topic)).toList();
            assertThat(shares)
                .as(topic)
                .allSatisfy(share -> {
                  assertThat(share)
                      .isBetween(
                          (long) PARTITIONS / members.size(),
                          (PARTITIONS + members.size() - 1L) / members.size());
                });
            assertThat(shares.stream().mapToLong(share -> share).sum()).isEqualTo(PARTITIONS);
          }
        });
  }

  private static long share(Consumer<byte[], byte[]> member, String topic) {
    return member.assignment().stream().filter(each -> each.topic().equals(topic)).count();
  }
}

package dev.sluice.devstack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.devstack.junit.FreshNames;
import dev.sluice.devstack.junit.Private;
import dev.sluice.devstack.junit.WithDevstack;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

@WithDevstack
class KafkaClusterIT {
  @Test
  void carriesRecordsAndRefusesTopicsThatNobodyCreated(KafkaCluster kafka, FreshNames names)
      throws Exception {
    String topic = names.of("records");
    kafka.createTopic(topic, 3, Map.of("cleanup.policy", "compact"));
    send(kafka, topic, "one");
    assertThat(read(kafka, topic, 1)).containsExactly("one");
    try (Admin admin = kafka.admin()) {
      assertThat(admin.listTopics().names().get()).contains(topic).doesNotContain("nobodys");
    }
  }

  @Test
  void aKilledNodeComesBackWithItsData(@Private KafkaCluster kafka, FreshNames names)
      throws Exception {
    String topic = names.of("kept");
    kafka.createTopic(topic, 1);
    send(kafka, topic, "before");
    kafka.kill(1);
    assertThat(kafka.isRunning(1)).isFalse();
    kafka.start(1);
    send(kafka, topic, "between");
    kafka.stop(1);
    assertThat(kafka.isRunning(1)).isFalse();
    kafka.start(1);
    assertThat(read(kafka, topic, 2)).containsExactly("before", "between");
  }

  @Test
  void threeNodesSurviveTheLossOfOne(@Private(nodes = 3) KafkaCluster kafka, FreshNames names)
      throws Exception {
    String topic = names.of("replicated");
    kafka.createTopic(topic, 1);
    send(kafka, topic, "before");
    int leader = leader(kafka, topic);
    kafka.kill(leader);
    send(kafka, topic, "after");
    assertThat(leader(kafka, topic)).isNotEqualTo(leader);
    kafka.start(leader);
    assertThat(read(kafka, topic, 2)).containsExactly("before", "after");
  }

  private static int leader(KafkaCluster kafka, String topic)
      throws ExecutionException, InterruptedException {
    try (Admin admin = kafka.admin()) {
      return admin
          .describeTopics(List.of(topic))
          .allTopicNames()
          .get()
          .values()
          .iterator()
          .next()
          .partitions()
          .getFirst()
          .leader()
          .id();
    }
  }

  private static void send(KafkaCluster kafka, String topic, String value) throws Exception {
    Map<String, Object> settings =
        Map.of("bootstrap.servers", kafka.bootstrapServers(), "acks", "all");
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
      producer.send(new ProducerRecord<>(topic, 0, "key", value)).get();
    }
  }

  private static List<String> read(KafkaCluster kafka, String topic, int count) {
    Map<String, Object> settings =
        Map.of("bootstrap.servers", kafka.bootstrapServers(), "auto.offset.reset", "earliest");
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
      consumer.assign(List.of(new TopicPartition(topic, 0)));
      List<String> values = new ArrayList<>();
      long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
      while (values.size() < count && System.nanoTime() < deadline) {
        consumer.poll(Duration.ofMillis(200)).forEach(record -> values.add(record.value()));
      }
      return values;
    }
  }
}

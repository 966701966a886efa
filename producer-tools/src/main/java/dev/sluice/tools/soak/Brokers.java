package dev.sluice.tools.soak;

import dev.sluice.devstack.KafkaCluster;
import dev.sluice.devstack.ServerException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;

/** The brokers as what is hurt. Used by one thread at a time. */
final class Brokers {
  private static final Duration CATCH_UP_LIMIT = Duration.ofMinutes(2);
  private static final Duration CALL = Duration.ofSeconds(10);

  private final KafkaCluster cluster;
  private final CountDownLatch end;

  /**
   * @param end ends all waiting for a broker that catches up
   */
  Brokers(KafkaCluster cluster, CountDownLatch end) {
    this.cluster = cluster;
    this.end = end;
  }

  void stop(int node) {
    cluster.stop(node);
  }

  void kill(int node) {
    cluster.kill(node);
  }

  /**
   * Starts a broker and waits until every partition has all its copies again: only then may another
   * one go.
   */
  void start(int node) throws InterruptedException {
    cluster.start(node);
    long deadline = System.nanoTime() + CATCH_UP_LIMIT.toNanos();
    try (Admin admin = cluster.admin()) {
      while (!isWhole(admin)) {
        if (System.nanoTime() - deadline > 0) {
          throw new ServerException(
              "broker %d has not caught up within %d s"
                  .formatted(node, CATCH_UP_LIMIT.toSeconds()));
        }
        if (end.await(500, TimeUnit.MILLISECONDS)) {
          return;
        }
      }
    }
  }

  private boolean isWhole(Admin admin) throws InterruptedException {
    try {
      Set<String> topics =
          admin
              .listTopics(new org.apache.kafka.clients.admin.ListTopicsOptions().listInternal(true))
              .names()
              .get(CALL.toMillis(), TimeUnit.MILLISECONDS);
      Map<String, TopicDescription> described =
          admin.describeTopics(topics).allTopicNames().get(CALL.toMillis(), TimeUnit.MILLISECONDS);
      return described.values().stream()
          .flatMap(topic -> topic.partitions().stream())
          .allMatch(partition -> partition.isr().size() == cluster.nodes().size());
    } catch (ExecutionException | TimeoutException e) {
      return false; // Not yet.
    }
  }
}

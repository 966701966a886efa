package dev.sluice.worker.kafka;

import static java.util.Objects.requireNonNull;

import dev.sluice.worker.ledger.PartitionId;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;

/** Asks through an admin client, on that client's thread. */
final class AdminBrokers implements Soundings.Brokers {
  private static final int TIMEOUT_MILLIS = 5_000;

  private final Admin admin;

  AdminBrokers(Admin admin) {
    this.admin = requireNonNull(admin, "admin is null");
  }

  @Override
  public CompletableFuture<Map<PartitionId, Long>> ends(Collection<PartitionId> partitions) {
    Map<PartitionId, Long> ends = new ConcurrentHashMap<>();
    Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
    partitions.forEach(partition -> latest.put(KafkaClients.kafka(partition), OffsetSpec.latest()));
    // What a transaction that is open still may take back is no work yet.
    ListOffsetsResult listed =
        admin.listOffsets(
            latest,
            new ListOffsetsOptions(IsolationLevel.READ_COMMITTED).timeoutMs(TIMEOUT_MILLIS));
    CompletableFuture<?>[] known =
        partitions.stream()
            .map(partition ->
                answer(listed.partitionResult(KafkaClients.kafka(partition)))
                    // A partition without a leader says nothing of the others.
                    .handle((end, failure) ->
                        failure == null ? ends.put(partition, end.offset()) : null))
            .toArray(CompletableFuture<?>[]::new);
    CompletableFuture<?> alive =
        answer(
            admin
                .describeCluster(new DescribeClusterOptions().timeoutMs(TIMEOUT_MILLIS))
                .clusterId());
    return CompletableFuture.allOf(known).thenCombine(alive, (_, _) -> Map.copyOf(ends));
  }

  private static <T> CompletableFuture<T> answer(KafkaFuture<T> asked) {
    return asked.toCompletionStage().toCompletableFuture();
  }

  /** At once: close() alone waits for calls that nobody answers. */
  @Override
  public void close() {
    admin.close(Duration.ZERO);
  }
}

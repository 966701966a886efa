package dev.sluice.system;

import static java.util.Objects.requireNonNull;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;

/**
 * What the workers' group has committed, against what has been delivered. Requests are told apart
 * by their keys, which {@link Requests} makes their ids. Used by one thread.
 */
final class GroupOffsets implements AutoCloseable {
  private final Pipeline pipeline;
  private final Admin admin;

  GroupOffsets(Pipeline pipeline) {
    this.pipeline = pipeline;
    this.admin = pipeline.kafka().admin();
  }

  /** The committed offset of each partition; none for a partition without a commit. */
  Map<TopicPartition, Long> committed() {
    Map<TopicPartition, Long> committed = new HashMap<>();
    answer(admin.listConsumerGroupOffsets(pipeline.group()).partitionsToOffsetAndMetadata())
        .forEach((partition, offset) -> committed.put(partition, offset(offset)));
    return committed;
  }

  private static long offset(OffsetAndMetadata committed) {
    return committed.offset();
  }

  /** The committed offset of a partition, 0 without a commit. */
  long committed(TopicPartition partition) {
    return committed().getOrDefault(partition, 0L);
  }

  /** Requests below the committed offsets that are not answered: lost, if the worker died now. */
  List<String> skipped(ResultsReader results) {
    Map<TopicPartition, Long> committed = committed();
    // After the offsets: results only become more.
    results.readToEnd();
    Set<String> answered = new HashSet<>(results.byId().keySet());
    List<String> skipped = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> request : requests()) {
      boolean done =
          request.offset()
              < committed.getOrDefault(
                  new TopicPartition(request.topic(), request.partition()), 0L);
      if (done && !answered.contains(id(request))) {
        skipped.add(id(request));
      }
    }
    return skipped;
  }

  /** Whether every request that was ever sent is committed. */
  boolean isAllCommitted() {
    Map<TopicPartition, Long> committed = committed();
    return requests().stream()
        .allMatch(request ->
            request.offset()
                < committed.getOrDefault(
                    new TopicPartition(request.topic(), request.partition()), 0L));
  }

  /** Where a request stands. */
  ConsumerRecord<byte[], byte[]> find(String requestId) {
    return requests().stream()
        .filter(request -> id(request).equals(requestId))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no request " + requestId));
  }

  /** The partition of each request, by id. */
  Map<String, Integer> partitions() {
    Map<String, Integer> partitions = new HashMap<>();
    requests().forEach(request -> partitions.put(id(request), request.partition()));
    return partitions;
  }

  private List<ConsumerRecord<byte[], byte[]>> requests() {
    return TopicReader.all(pipeline.kafka().bootstrapServers(), pipeline.requests());
  }

  private static String id(ConsumerRecord<byte[], byte[]> request) {
    return new String(requireNonNull(request.key(), "key is null"), StandardCharsets.UTF_8);
  }

  private static <T> T answer(KafkaFuture<T> asked) {
    try {
      return asked.get(30, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError("the brokers did not answer", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  @Override
  public void close() {
    admin.close();
  }
}

package dev.sluice.system;

import dev.sluice.v1.InferenceResult;
import io.confluent.kafka.serializers.KafkaAvroDeserializer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Reads the results of a pipeline, as a downstream consumer would. Used by one thread. */
final class ResultsReader implements AutoCloseable {
  /** A result, and the record that it came in. */
  record Received(InferenceResult result, ConsumerRecord<byte[], byte[]> record) {}

  private final KafkaAvroDeserializer avro = new KafkaAvroDeserializer();
  private final Map<String, List<Received>> byId = new LinkedHashMap<>();
  private final TopicReader topic;

  ResultsReader(Pipeline pipeline) {
    avro.configure(
        Map.of("schema.registry.url", pipeline.registry().url(), "specific.avro.reader", true),
        false);
    topic =
        new TopicReader(pipeline.kafka().bootstrapServers(), pipeline.results(), this::received);
  }

  private void received(ConsumerRecord<byte[], byte[]> record) {
    InferenceResult result = (InferenceResult) avro.deserialize(record.topic(), record.value());
    byId.computeIfAbsent(result.getRequestId(), _ -> new ArrayList<>())
        .add(new Received(result, record));
  }

  /** Reads on until so many different requests are answered; an error when that takes too long. */
  void awaitAnswered(int requests, Duration limit) {
    if (!topic.readUntil(() -> byId.size() >= requests, limit)) {
      throw new AssertionError(
          "%d of %d requests are answered after %d s"
              .formatted(byId.size(), requests, limit.toSeconds()));
    }
  }

  /** Reads on until all results are read that are there now. */
  void readToEnd() {
    topic.readToEnd();
  }

  /** What has been read, by request. */
  Map<String, List<Received>> byId() {
    return byId;
  }

  /** Every result that has been read, duplicates too. */
  List<InferenceResult> all() {
    return byId.values().stream().flatMap(List::stream).map(Received::result).toList();
  }

  /** Compares what has been read with what was sent. */
  Account account(Collection<String> sent) {
    return Account.of(sent, all().stream().map(InferenceResult::getRequestId).toList());
  }

  @Override
  public void close() {
    topic.close();
    avro.close();
  }
}

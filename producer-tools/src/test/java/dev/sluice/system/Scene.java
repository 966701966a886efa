package dev.sluice.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tools.local.WorkerProcess;
import dev.sluice.v1.InferenceRequest;
import dev.sluice.v1.Status;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;

/** A worker on topics of its own, what was sent to it and what came of that. Used by one thread. */
final class Scene implements AutoCloseable {
  static final Duration LIMIT = Duration.ofSeconds(60);

  /** Eight commit intervals of {@link #impatient}. */
  private static final Duration A_WHILE = Duration.ofMillis(800);

  private final Pipeline pipeline;
  private final Requests requests;
  private final ResultsReader results;
  private final GroupOffsets offsets;
  private final WorkerProcess worker;
  private final List<String> sent = new ArrayList<>();
  private int next;

  private Scene(Pipeline pipeline, WorkerProcess worker) {
    this.pipeline = pipeline;
    this.worker = worker;
    this.requests = new Requests(pipeline);
    this.results = new ResultsReader(pipeline);
    this.offsets = new GroupOffsets(pipeline);
  }

  /** Launches a worker and returns before it is ready. */
  static Scene launch(String name, Path folder, Pipeline pipeline, Map<String, String> settings) {
    return of(pipeline, WorkerProcess.launch(name, folder, settings));
  }

  /** With a worker that has been launched, and is closed with it. */
  static Scene of(Pipeline pipeline, WorkerProcess worker) {
    return new Scene(pipeline, worker);
  }

  /**
   * Settings with which too early a commit is seen soon, and a send that the brokers do not take is
   * given up, said and tried again after seconds and not after half a minute.
   */
  static Map<String, String> impatient(Pipeline pipeline, Models models) {
    Map<String, String> settings = pipeline.settings(models);
    settings.put("commit_interval", "100ms");
    settings.put("kafka.producer.delivery.timeout.ms", "2000");
    settings.put("kafka.producer.request.timeout.ms", "1000");
    settings.put("kafka.producer.max.block.ms", "1500");
    return settings;
  }

  Pipeline pipeline() {
    return pipeline;
  }

  WorkerProcess worker() {
    return worker;
  }

  ResultsReader results() {
    return results;
  }

  GroupOffsets offsets() {
    return offsets;
  }

  /** Sends what {@code request} makes of numbers that it has not been given before. */
  List<String> send(int count, IntFunction<InferenceRequest> request) {
    int first = next;
    next += count;
    List<String> ids = requests.send(count, number -> request.apply(first + number));
    sent.addAll(ids);
    return List.copyOf(ids);
  }

  /** Sends a request as it stands on the wire. */
  void send(String requestId, byte[] value) {
    requests.sendBytes(requestId, value);
    sent.add(requestId);
  }

  /** How many requests have been sent. */
  int sent() {
    return sent.size();
  }

  /** How many sends to a topic the worker says to have failed. */
  double sendFailures(String topic) {
    return Scrape.of(worker).sum("sluice_send_failures_total", "topic=\"" + topic + "\"");
  }

  /** Waits until more sends to a topic have failed; the metric counts them, the log names it. */
  void awaitSendFailures(String topic, double before) {
    Awaitility.await()
        .atMost(LIMIT)
        .ignoreException(UncheckedIOException.class)
        .untilAsserted(
            () -> assertThat(sendFailures(topic)).as(worker::logTail).isGreaterThan(before));
    awaitLogged("a send to " + topic + " failed and is tried again");
  }

  void awaitLogged(String text) {
    Awaitility.await().atMost(LIMIT).until(() -> worker.log().contains(text));
  }

  /** Waits until a metric's series with these labels have this sum. */
  void awaitMetric(String metric, double value, String... labels) {
    Awaitility.await().atMost(LIMIT).until(() -> Scrape.of(worker).sum(metric, labels) == value);
  }

  void awaitAnswered(Collection<String> ids) {
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(() -> {
          results.readToEnd();
          assertThat(results.byId().keySet()).as(worker::logTail).containsAll(ids);
        });
  }

  /** Those requests that are not behind a certain one in its partition. */
  List<String> notBehind(String requestId, Collection<String> ids) {
    ConsumerRecord<byte[], byte[]> held = offsets.find(requestId);
    return ids.stream()
        .filter(id -> {
          ConsumerRecord<byte[], byte[]> request = offsets.find(id);
          return request.partition() != held.partition() || request.offset() < held.offset();
        })
        .toList();
  }

  /** Waits until everything before a request is committed. */
  void awaitCommittedUpTo(String requestId) {
    ConsumerRecord<byte[], byte[]> request = offsets.find(requestId);
    Awaitility.await().atMost(LIMIT).until(() -> committed(request) == request.offset());
  }

  /** Neither a request nor anything else that has no answer is committed, and that stays so. */
  void assertHeldBack(String requestId) {
    ConsumerRecord<byte[], byte[]> request = offsets.find(requestId);
    Awaitility.await()
        .during(A_WHILE)
        .atMost(LIMIT)
        .untilAsserted(() -> {
          assertThat(offsets.skipped(results)).isEmpty();
          assertThat(committed(request)).isLessThanOrEqualTo(request.offset());
        });
  }

  private long committed(ConsumerRecord<byte[], byte[]> request) {
    return offsets.committed(new TopicPartition(request.topic(), request.partition()));
  }

  /** Every request has its result, only broken ones failed, and all of it is committed. */
  void awaitEverythingEnded(Delivery delivery) {
    awaitAnswered(sent);
    Awaitility.await().atMost(LIMIT).until(offsets::isAllCommitted);
    Account account = results.account(sent);
    assertThat(account.unexpected()).as("%s", account).isEmpty();
    if (delivery == Delivery.EXACTLY_ONCE) {
      assertThat(account.duplicates()).as("%s", account).isZero();
    }
    assertThat(results.all())
        .filteredOn(result -> result.getStatus() != Status.SUCCEEDED)
        .filteredOn(result -> !result.getRequestId().startsWith("broken"))
        .as("good requests that failed")
        .isEmpty();
    Awaitility.await()
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(worker.get("/health/ready").statusCode()).isEqualTo(200));
  }

  /** The dead letters of a request: those that point to where it stands. */
  List<ConsumerRecord<byte[], byte[]>> deadLetters(String requestId) {
    ConsumerRecord<byte[], byte[]> request = offsets.find(requestId);
    byte[] partition = ByteBuffer.allocate(Integer.BYTES).putInt(request.partition()).array();
    byte[] offset = ByteBuffer.allocate(Long.BYTES).putLong(request.offset()).array();
    return TopicReader.all(pipeline.kafka().bootstrapServers(), pipeline.deadLetters()).stream()
        .filter(letter -> Arrays.equals(header(letter, "kafka_dlt-original-partition"), partition))
        .filter(letter -> Arrays.equals(header(letter, "kafka_dlt-original-offset"), offset))
        .toList();
  }

  private static byte[] header(ConsumerRecord<byte[], byte[]> record, String name) {
    return record.headers().lastHeader(name).value();
  }

  @Override
  public void close() {
    worker.close();
    offsets.close();
    results.close();
    requests.close();
  }
}

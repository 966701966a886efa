package dev.sluice.tools.bench;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.sluice.devstack.ServerException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads results as they come and notes how long after the planned time of its request each of them
 * was there. Looks at one header of each and decodes nothing, so that it costs little where cores
 * are shared. Safe for any thread.
 */
final class LatencyMeter implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(500);
  private static final long LONGEST_MICROS = TimeUnit.MINUTES.toMicros(10);
  private static final int DIGITS = 3;

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Thread thread = Thread.ofPlatform().name("latency-meter").unstarted(this::read);

  @GuardedBy("this")
  private Histogram micros = new Histogram(LONGEST_MICROS, DIGITS);

  @GuardedBy("this")
  private long count;

  private LatencyMeter(KafkaConsumer<byte[], byte[]> consumer) {
    this.consumer = consumer;
  }

  /** Reads from now on. */
  static LatencyMeter open(String bootstrapServers, String topic, int partitions) {
    List<TopicPartition> all =
        IntStream.range(0, partitions).mapToObj(i -> new TopicPartition(topic, i)).toList();
    KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    consumer.assign(all);
    consumer.seekToEnd(all);
    all.forEach(consumer::position); // Or the end would be looked up later, behind some results.
    LatencyMeter meter = new LatencyMeter(consumer);
    meter.thread.start();
    return meter;
  }

  /** How many results have come. */
  synchronized long count() {
    return count;
  }

  /**
   * Waits until so many results have come in all.
   *
   * @throws ServerException when that takes longer than {@code limit}
   */
  synchronized void await(long wanted, Duration limit) throws InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    while (count < wanted) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        throw new ServerException(
            "only %d of %d results came within %d s".formatted(count, wanted, limit.toSeconds()));
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
  }

  /** Latencies in microseconds since this was asked last; theirs only, and no longer written to. */
  synchronized Histogram take() {
    Histogram taken = micros;
    micros = new Histogram(LONGEST_MICROS, DIGITS);
    return taken;
  }

  /** A percentile in milliseconds. */
  static double millis(Histogram micros, double percentile) {
    return micros.getValueAtPercentile(percentile) / 1000.0;
  }

  private void read() {
    try (consumer) {
      while (true) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          note(record, System.nanoTime());
        }
      }
    } catch (WakeupException e) {
      // Closed.
    }
  }

  private synchronized void note(ConsumerRecord<byte[], byte[]> record, long now) {
    Header planned = record.headers().lastHeader(Requests.PLANNED);
    if (planned != null) {
      long nanos = now - ByteBuffer.wrap(planned.value()).getLong();
      micros.recordValue(Math.clamp(nanos / 1000, 0, LONGEST_MICROS));
    }
    count++;
    notifyAll();
  }

  @Override
  public void close() {
    consumer.wakeup();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}

package dev.sluice.tools.bench;

import dev.sluice.devstack.ServerException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Counts a topic's records by its end offsets: what is measured does not pay for being read. Not
 * for a topic with transactions, whose markers have offsets too. Used by one thread, which closes
 * it.
 */
final class ResultsMeter implements AutoCloseable {
  private static final long BETWEEN_LOOKS_MILLIS = 50;
  private static final Duration STALL = Duration.ofSeconds(90);

  private final List<TopicPartition> partitions;
  private final KafkaConsumer<byte[], byte[]> consumer;

  /** What there was at one moment. */
  record Reading(long nanos, long count, Usage usage) {}

  /**
   * What happened between two readings.
   *
   * @param records how many came
   * @param usage what the run's processes spent on them
   */
  record Window(double seconds, long records, Usage usage) {
    static Window between(Reading from, Reading to) {
      return new Window(
          (to.nanos() - from.nanos()) / (double) TimeUnit.SECONDS.toNanos(1),
          to.count() - from.count(),
          to.usage().since(from.usage()));
    }

    double perSecond() {
      return records / seconds;
    }

    /** Milliseconds of processor time for each record. */
    double cpuMillis(Usage.Part part) {
      return 1000 * usage.of(part) / records;
    }
  }

  ResultsMeter(String bootstrapServers, String topic, int partitions) {
    this.partitions =
        IntStream.range(0, partitions).mapToObj(i -> new TopicPartition(topic, i)).toList();
    this.consumer =
        new KafkaConsumer<>(
            Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    // Nothing is ever polled; the client only complains about partitions that are not its own.
    consumer.assign(this.partitions);
  }

  /** How many records there are now. */
  long count() {
    return consumer.endOffsets(partitions).values().stream().mapToLong(Long::longValue).sum();
  }

  Reading read() {
    return new Reading(System.nanoTime(), count(), Usage.now());
  }

  /**
   * Waits until there are so many records in all.
   *
   * @throws ServerException when none comes for a while before that
   */
  Reading await(long wanted) throws InterruptedException {
    return readings(wanted, List.of()).getLast();
  }

  /**
   * Waits until there are so many records in all, and says what happened in the middle of the way:
   * neither its beginning, when pipes fill, nor its end, when they run dry, counts.
   *
   * @param from how many there were at the beginning
   * @throws ServerException when none comes for a while before that
   */
  Window middle(long from, long wanted) throws InterruptedException {
    long count = wanted - from;
    List<Reading> readings =
        readings(wanted, List.of(from + count / 10, from + count - count / 20));
    return Window.between(readings.get(0), readings.get(1));
  }

  /**
   * Waits until there are so many records in all, and says what happened after the first third:
   * enough for a new process to have started and to have compiled what it runs.
   *
   * @param from how many there were at the beginning
   * @throws ServerException when none comes for a while before that
   */
  Window afterWarmUp(long from, long wanted) throws InterruptedException {
    long count = wanted - from;
    List<Reading> readings = readings(wanted, List.of(from + count / 3, from + count - count / 20));
    return Window.between(readings.get(0), readings.get(1));
  }

  /**
   * Waits until so many more records are there than now, and says what happened from each of these
   * shares of them to the next.
   *
   * @param shares ascending, from 0 to 1
   * @throws ServerException when none comes for a while before that
   */
  List<Window> between(long count, List<Double> shares) throws InterruptedException {
    long from = count();
    List<Reading> readings =
        readings(
            from + count, shares.stream().map(share -> from + (long) (share * count)).toList());
    return IntStream.range(1, shares.size())
        .mapToObj(i -> Window.between(readings.get(i - 1), readings.get(i)))
        .toList();
  }

  /** A reading as soon as each of the marks, and finally {@code wanted}, is reached. */
  private List<Reading> readings(long wanted, List<Long> marks) throws InterruptedException {
    List<Long> left = new ArrayList<>(marks);
    left.add(wanted);
    List<Reading> readings = new ArrayList<>();
    long last = -1;
    long lastChange = System.nanoTime();
    while (!left.isEmpty()) {
      long count = count();
      long now = System.nanoTime();
      while (!left.isEmpty() && count >= left.getFirst()) {
        left.removeFirst();
        readings.add(new Reading(now, count, Usage.now()));
      }
      if (count != last) {
        last = count;
        lastChange = now;
      } else if (now - lastChange > STALL.toNanos()) {
        throw new ServerException(
            "only %d of %d results came; none for %d s"
                .formatted(count, wanted, STALL.toSeconds()));
      }
      if (!left.isEmpty()) {
        Thread.sleep(BETWEEN_LOOKS_MILLIS);
      }
    }
    return readings;
  }

  @Override
  public void close() {
    consumer.close();
  }
}

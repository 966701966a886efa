package dev.sluice.tools.dlt;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.tools.CommandException;
import dev.sluice.tools.Pace;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.clients.producer.RoundRobinPartitioner;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

/** Against Kafka's own producer in memory, which knows transactions; time is stepped. */
class ReplaySenderTest {
  private static final long SECOND = 1_000_000_000L;
  private static final int TOO_LARGE = 9;

  private final ReplayTally tally = new ReplayTally();

  /** Nanoseconds; moved by waiting only. */
  private long clock = Long.MAX_VALUE - 3 * SECOND;

  @Test
  void theRateIsHonoured() throws Exception {
    Memory producer = new Memory();
    Itinerary itinerary = itinerary(1000, Map.of());
    ReplaySender sender = sender(producer, itinerary, 50);
    sender.begin();
    long start = clock;
    for (int offset = 0; offset < 1000; offset++) {
      assertThat(sender.send(outgoing(0, offset, 1))).isTrue();
      long elapsed = clock - start;
      // What is acknowledged never runs ahead of the rate.
      assertThat(producer.history().size()).isLessThanOrEqualTo((int) (elapsed * 50 / SECOND) + 1);
      // And nothing is held back for longer than a second.
      assertThat(offset - producer.history().size()).isLessThanOrEqualTo(50);
    }
    sender.finish();
    assertThat(clock - start).isEqualTo(999 * SECOND / 50);
    assertThat(producer.history()).hasSize(1000);
    assertThat(tally.sent()).isEqualTo(1000);
  }

  @Test
  void aTransactionIsBounded() throws Exception {
    Memory producer = new Memory();
    ReplaySender sender = sender(producer, itinerary(5000, Map.of()), Double.POSITIVE_INFINITY);
    sender.begin();
    for (int offset = 0; offset < 5000; offset++) {
      assertThat(sender.send(outgoing(0, offset, 1))).isTrue();
      assertThat(offset + 1 - producer.history().size()).isLessThan(ReplaySender.MAX_RECORDS);
    }
    sender.finish();
    assertThat(producer.commitCount()).isEqualTo(1 + 5000 / ReplaySender.MAX_RECORDS + 1);
  }

  @Test
  void whenItIsToldToStopWhatIsTakenIsSentAndTheRestIsNot() throws Exception {
    Memory producer = new Memory();
    Itinerary itinerary = itinerary(10, Map.of());
    int[] waits = {0};
    ReplaySender sender =
        new ReplaySender(
            producer,
            group(),
            itinerary,
            tally,
            new Pace(10, () -> clock),
            nanos -> {
              clock += nanos;
              return ++waits[0] == 4;
            },
            () -> clock);
    sender.begin();
    int taken = 0;
    while (sender.send(outgoing(0, taken, 1))) {
      taken++;
    }
    sender.commit();

    assertThat(taken).isEqualTo(4);
    assertThat(producer.history()).hasSize(4);
    assertThat(producer.committedOffset(0)).isEqualTo(4);
  }

  @Test
  void whatIsTooLargeForItsTopicIsTakenOutAndTheOthersGo() throws Exception {
    Memory producer = new Memory();
    ReplaySender sender = sender(producer, itinerary(20, Map.of()), Double.POSITIVE_INFINITY);
    sender.begin();
    for (int offset = 0; offset < 20; offset++) {
      assertThat(sender.send(outgoing(0, offset, offset % 7 == 3 ? TOO_LARGE : 1))).isTrue();
    }
    sender.finish();

    assertThat(producer.history()).hasSize(17);
    assertThat(tally.sent()).isEqualTo(17);
    assertThat(tally.refusals())
        .containsExactly(
            new ReplayTally.RefusalCount(
                Refusal.TOO_LARGE,
                3,
                List.of("requests-dlt-0@3", "requests-dlt-0@10", "requests-dlt-0@17")));
    assertThat(producer.committedOffset(0)).isEqualTo(20);
  }

  @Test
  void aRunThatIsFencedSaysSo() throws Exception {
    Memory producer = new Memory();
    ReplaySender sender = sender(producer, itinerary(5, Map.of()), Double.POSITIVE_INFINITY);
    sender.begin();
    assertThat(sender.send(outgoing(0, 0, 1))).isTrue();
    producer.fenceProducer();

    assertThatThrownBy(sender::finish)
        .isInstanceOf(CommandException.class)
        .hasMessageContaining("another run of this replay has taken over");
    assertThat(tally.sent()).isZero();
  }

  /**
   * Runs are killed before or after any of their calls to the producer, up to eight times, while
   * new dead letters come in; then one is left alone. Every dead letter has been sent once.
   */
  @Test
  void whereverItIsKilledNothingIsSentTwiceAndNothingIsLeftOut() throws Exception {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int round = 0; round < 300; round++) {
      // Now and then more than fits into one transaction.
      int count = random.nextInt(round % 30 == 0 ? 2 * ReplaySender.MAX_RECORDS : 60) + 1;
      double rate = random.nextBoolean() ? Double.POSITIVE_INFINITY : 7;
      Map<TopicPartition, OffsetAndMetadata> committed = new HashMap<>();
      List<String> sent = new ArrayList<>();
      boolean finished = false;
      for (int run = 0; !finished; run++) {
        Memory producer = new Memory();
        if (run < 8 && random.nextBoolean()) {
          producer.callsToLive = random.nextInt(count * 2);
          producer.diesAfterTheCall = random.nextBoolean();
        } else if (run < 8) {
          producer.commitsToLive = random.nextInt(5);
        }
        try {
          run(producer, itinerary(count + run, committed), rate, random.nextInt(3));
          finished = true;
        } catch (Killed e) {
          assertThat(run).as("seed %d: the last run is left alone", seed).isLessThan(8);
        }
        producer.history().forEach(record -> sent.add(new String(record.value(), UTF_8)));
        committed.putAll(producer.committed());
      }
      Map<String, Integer> times = new TreeMap<>();
      sent.forEach(value -> times.merge(value, 1, Integer::sum));
      for (int offset = 0; offset < count; offset++) {
        for (int p = 0; p < 2; p++) {
          assertThat(times.getOrDefault(p + "@" + offset, 0))
              .as("seed %d, round %d: dead letter %d@%d", seed, round, p, offset)
              .isEqualTo(1);
        }
      }
      assertThat(Collections.max(times.values())).as("seed %d", seed).isEqualTo(1);
    }
  }

  /** Reads both partitions in turn, passing over some in between as a filter does. */
  private void run(Memory producer, Itinerary itinerary, double rate, int commitsOnItsOwn)
      throws InterruptedException {
    ReplaySender sender = sender(producer, itinerary, rate);
    sender.begin();
    Stretch stretch = itinerary.stretch();
    for (int p = 0; p < 2; p++) {
      for (long offset = stretch.begin(partition(p));
          offset < stretch.end(partition(p));
          offset++) {
        Outgoing outgoing = outgoing(p, offset, 1, p + "@" + offset);
        assertThat(sender.send(outgoing)).isTrue();
        sender.passed(partition(p), offset + 1);
        if (commitsOnItsOwn == 1 && offset % 5 == 4) {
          sender.commit();
        }
      }
    }
    sender.finish();
  }

  private ReplaySender sender(Memory producer, Itinerary itinerary, double rate) {
    return new ReplaySender(
        producer,
        group(),
        itinerary,
        tally,
        new Pace(rate, () -> clock),
        nanos -> {
          clock += nanos;
          return false;
        },
        () -> clock);
  }

  private static Itinerary itinerary(long end, Map<TopicPartition, OffsetAndMetadata> committed) {
    Stretch topic =
        new Stretch(
            Map.of(partition(0), 0L, partition(1), 0L),
            Map.of(partition(0), end, partition(1), end));
    return Itinerary.of("name", "ab", TimeWindow.ALWAYS, _ -> topic, committed);
  }

  private static TopicPartition partition(int number) {
    return new TopicPartition(Letters.TOPIC, number);
  }

  private static Outgoing outgoing(int partition, long offset, int length) {
    return outgoing(partition, offset, length, "x".repeat(length));
  }

  private static Outgoing outgoing(int partition, long offset, int length, String value) {
    return new Outgoing(
        Letters.of(partition, offset, new byte[length], Letters.headers("requests", "INTERNAL")),
        new ProducerRecord<>("requests", value.getBytes(UTF_8)),
        new ReplayTally.Group("INTERNAL", "inline", "requests"));
  }

  private static ConsumerGroupMetadata group() {
    try (MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("none")) {
      return consumer.groupMetadata();
    }
  }

  /** What happens to the process. */
  private static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** Kafka's producer in memory, which can be killed and does not take what is too large. */
  private static final class Memory extends MockProducer<byte[], byte[]> {
    private int callsToLive = -1;
    private boolean diesAfterTheCall;
    private int commitsToLive = -1;
    private boolean abortable;

    Memory() {
      super(
          true, new RoundRobinPartitioner(), new ByteArraySerializer(), new ByteArraySerializer());
      initTransactions();
    }

    Map<TopicPartition, OffsetAndMetadata> committed() {
      Map<TopicPartition, OffsetAndMetadata> committed = new HashMap<>();
      consumerGroupOffsetsHistory().forEach(commit -> commit.values().forEach(committed::putAll));
      return committed;
    }

    long committedOffset(int number) {
      return requireNonNull(committed().get(partition(number)), "nothing committed").offset();
    }

    private void call(Runnable call) {
      if (callsToLive == 0 && !diesAfterTheCall) {
        throw new Killed();
      }
      call.run();
      if (callsToLive == 0) {
        throw new Killed();
      }
      callsToLive = Math.max(-1, callsToLive - 1);
    }

    @Override
    public void beginTransaction() {
      call(super::beginTransaction);
    }

    @Override
    public synchronized Future<RecordMetadata> send(
        ProducerRecord<byte[], byte[]> record, Callback callback) {
      if (record.value().length == TOO_LARGE) {
        abortable = true;
        return CompletableFuture.failedFuture(new RecordTooLargeException("too large"));
      }
      List<Future<RecordMetadata>> sent = new ArrayList<>(1);
      call(() -> sent.add(super.send(record, callback)));
      return sent.getFirst();
    }

    @Override
    public void sendOffsetsToTransaction(
        Map<TopicPartition, OffsetAndMetadata> offsets, ConsumerGroupMetadata group) {
      call(() -> super.sendOffsetsToTransaction(offsets, group));
    }

    @Override
    public void commitTransaction() {
      if (abortable) {
        throw new KafkaException("the transaction is in an error state");
      }
      call(super::commitTransaction);
      if (commitsToLive == 0) {
        throw new Killed();
      }
      commitsToLive = Math.max(-1, commitsToLive - 1);
    }

    @Override
    public void abortTransaction() {
      abortable = false;
      call(super::abortTransaction);
    }
  }
}

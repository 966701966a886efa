package dev.sluice.tools.dlt;

import dev.sluice.tools.CommandException;
import dev.sluice.tools.Pace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordTooLargeException;

/**
 * Sends requests in transactions, each together with the offsets of the dead letters that it comes
 * from: a reader of committed records sees a request if and only if the replay knows that it has
 * sent it, whatever is killed when. Used by one thread.
 *
 * <p>A transaction is gathered first and then sent at once, so that it is open for no longer than
 * the brokers need: readers of the topic wait while one is open. It holds what a second brings, at
 * most {@value #MAX_RECORDS} records and 8 MiB, or one record larger than that.
 */
final class ReplaySender implements ReplaySink {

  /** How many requests a transaction holds at most. */
  static final int MAX_RECORDS = 500;

  private static final long MAX_BYTES = 8L * 1024 * 1024;
  private static final long WINDOW_NANOS = Duration.ofSeconds(1).toNanos();

  private final Producer<byte[], byte[]> producer;
  private final ConsumerGroupMetadata group;
  private final Itinerary itinerary;
  private final ReplayTally tally;
  private final Pace pace;
  private final Pause pause;
  private final LongSupplier nanoTime;

  /** Command thread only. What is read, up to and with what is gathered. */
  private final Map<TopicPartition, Long> positions;

  /** Command thread only. The next transaction. */
  private final List<Outgoing> gathered = new ArrayList<>();

  /** Command thread only. */
  private long gatheredBytes;

  /** Command thread only. When the first of {@link #gathered} came. */
  private long gatheredSince;

  /** Lets time pass. */
  interface Pause {
    /**
     * Waits.
     *
     * @return whether somebody wants the replay to stop; then it may have waited for less
     */
    boolean await(long nanos) throws InterruptedException;
  }

  /**
   * @param producer transactional and initialised; not closed here
   * @param group under which the progress is kept
   */
  ReplaySender(
      Producer<byte[], byte[]> producer,
      ConsumerGroupMetadata group,
      Itinerary itinerary,
      ReplayTally tally,
      Pace pace,
      Pause pause,
      LongSupplier nanoTime) {
    this.producer = producer;
    this.group = group;
    this.itinerary = itinerary;
    this.tally = tally;
    this.pace = pace;
    this.pause = pause;
    this.nanoTime = nanoTime;
    this.positions = new HashMap<>(itinerary.positions());
  }

  /** Keeps the plan before anything is sent, so that whatever happens is part of it. */
  void begin() {
    commit();
  }

  @Override
  public boolean send(Outgoing outgoing) throws InterruptedException {
    long wait = pace.reserve();
    if (!gathered.isEmpty() && nanoTime.getAsLong() + wait - gatheredSince >= WINDOW_NANOS) {
      commit();
    }
    if (wait > 0 && pause.await(wait)) {
      return false;
    }
    if (gathered.isEmpty()) {
      gatheredSince = nanoTime.getAsLong();
    }
    gathered.add(outgoing);
    gatheredBytes += outgoing.bytes();
    // Before it is sent: the offset belongs into the transaction that holds the request.
    passed(outgoing.partition(), outgoing.letter().offset() + 1);
    if (gathered.size() >= MAX_RECORDS || gatheredBytes >= MAX_BYTES) {
      commit();
    }
    return true;
  }

  @Override
  public void passed(TopicPartition partition, long next) {
    positions.put(partition, next);
  }

  /** All of the stretch is read, gaps at its end too. Sends what is gathered. */
  void finish() {
    itinerary
        .stretch()
        .end()
        .forEach((partition, end) -> positions.merge(partition, end, Math::max));
    commit();
  }

  /** Sends what is gathered and keeps the progress. */
  void commit() {
    while (!commitWithoutTooLarge()) {
      // The same again without those that their topic does not take.
    }
    gathered.forEach(outgoing -> tally.sent(outgoing.group()));
    gathered.clear();
    gatheredBytes = 0;
  }

  /** Whether the transaction is committed; if not, something too large has been taken out. */
  private boolean commitWithoutTooLarge() {
    List<Future<RecordMetadata>> sends = new ArrayList<>(gathered.size());
    try {
      producer.beginTransaction();
      for (Outgoing outgoing : gathered) {
        sends.add(producer.send(outgoing.record()));
      }
      producer.sendOffsetsToTransaction(offsets(), group);
      producer.commitTransaction();
      return true;
    } catch (ProducerFencedException | InvalidProducerEpochException e) {
      throw CommandException.failed(
          "another run of this replay has taken over (or this one was held up for too long); it"
              + " knows what was sent. Give the same command again to go on.",
          e);
    } catch (KafkaException e) {
      abort(e);
      List<Outgoing> tooLarge = tooLarge(sends);
      if (tooLarge.isEmpty()) {
        throw e;
      }
      tooLarge.forEach(outgoing -> tally.refused(Refusal.TOO_LARGE, outgoing.letter().place()));
      gathered.removeAll(tooLarge);
      return false;
    }
  }

  private void abort(KafkaException cause) {
    try {
      producer.abortTransaction();
    } catch (KafkaException e) {
      // The brokers end it when the next run begins, or after its timeout.
      cause.addSuppressed(e);
      throw cause;
    }
  }

  /** After the transaction's end every send has been answered or given up. */
  private List<Outgoing> tooLarge(List<Future<RecordMetadata>> sends) {
    List<Outgoing> found = new ArrayList<>();
    for (int i = 0; i < sends.size(); i++) {
      if (isTooLarge(sends.get(i))) {
        found.add(gathered.get(i));
      }
    }
    return found;
  }

  private static boolean isTooLarge(Future<RecordMetadata> send) {
    try {
      var _ = send.get(0, TimeUnit.SECONDS);
      return false;
    } catch (ExecutionException e) {
      return e.getCause() instanceof RecordTooLargeException;
    } catch (java.util.concurrent.TimeoutException e) {
      return false; // Nothing is known of it.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Of every partition each time: brokers forget offsets that nobody renews. */
  private Map<TopicPartition, OffsetAndMetadata> offsets() {
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    positions.forEach(
        (partition, position) -> offsets.put(partition, itinerary.at(partition, position)));
    return offsets;
  }
}

package dev.sluice.tools.soak;

import dev.sluice.tools.soak.Traffic.Planned;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Sends the traffic at a rate and tells the account what the brokers have acknowledged. {@link
 * #run} is called once, on a thread of its own; the other methods by any.
 */
final class VerifiableProducer implements Runnable {
  /** Company need only be there: on a slow machine more would be what the others wait behind. */
  private static final int COMPANY_SLOWER = 4;

  private final Traffic traffic;
  private final RequestTopic requests;
  private final Account account;
  private final Sabotage sabotage;
  private final int count;
  private final long intervalNanos;
  private final CountDownLatch end;
  private final Producer<byte[], byte[]> producer;

  /** Written by the sending thread alone. */
  private volatile boolean allSent;

  private volatile String failure = "";

  /**
   * What the producer does wrong on purpose, to prove that the account notices.
   *
   * @param drop how many requests it says were acknowledged and never sends
   * @param repeat how many requests it sends twice
   */
  record Sabotage(int drop, int repeat) {
    static final Sabotage NONE = new Sabotage(0, 0);
  }

  /**
   * @param count how many requests, without company
   * @param perSecond at most so many in a second
   * @param end nothing is sent after it
   */
  VerifiableProducer(
      String bootstrapServers,
      Traffic traffic,
      RequestTopic requests,
      Account account,
      Sabotage sabotage,
      int count,
      double perSecond,
      CountDownLatch end) {
    this.traffic = traffic;
    this.requests = requests;
    this.account = account;
    this.sabotage = sabotage;
    this.count = count;
    this.intervalNanos = (long) (TimeUnit.SECONDS.toNanos(1) / perSecond);
    this.end = end;
    this.producer =
        new KafkaProducer<>(
            Map.of(
                "bootstrap.servers",
                bootstrapServers,
                "acks",
                "all",
                "enable.idempotence",
                true,
                "linger.ms",
                5,
                // A broker that is away is no reason to give a request up.
                "delivery.timeout.ms",
                600_000,
                "max.block.ms",
                600_000L),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  /** Sends until the end, waits for the acknowledgements and closes the producer. */
  @Override
  public void run() {
    long due = System.nanoTime();
    try (producer;
        requests) {
      for (int number = 0; ; number++) {
        if (end.await(Math.max(0, due - System.nanoTime()), TimeUnit.NANOSECONDS)) {
          return;
        }
        due += number < count ? intervalNanos : intervalNanos * COMPANY_SLOWER;
        send(traffic.planned(number));
        allSent = number + 1 >= count;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (KafkaException e) {
      failure = "the producer could not go on: " + e;
    }
  }

  private void send(Planned planned) {
    if (planned.number() < sabotage.drop()) {
      account.acknowledged(planned.number(), 0, 0);
      return;
    }
    ProducerRecord<byte[], byte[]> record = requests.record(planned);
    var _ =
        producer.send(
            record,
            (metadata, exception) -> {
              if (exception == null) {
                account.acknowledged(planned.number(), metadata.partition(), metadata.offset());
              } else {
                account.notAcknowledged(planned.number());
              }
            });
    if (planned.number() - sabotage.drop() < sabotage.repeat()) {
      var _ = producer.send(record, (_, _) -> {});
    }
  }

  /** Whether all but company has been given to the Kafka client. */
  boolean allSent() {
    return allSent;
  }

  /** Why it ended before its time; empty when it did not. */
  String failure() {
    return failure;
  }
}

package dev.sluice.worker.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sluice.worker.ledger.Epochs;
import dev.sluice.worker.ledger.PartitionId;
import dev.sluice.worker.model.Position;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What waits for others, and what does not, with Kafka's own producer for tests. */
@Timeout(30)
class AtLeastOnceTest {
  private static final Topics TOPICS =
      new Topics(List.of("requests"), "results", "dead-letters", List.of());

  /** Acknowledges when it is flushed or told to. */
  private final MockProducer<byte[], byte[]> producer =
      new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());

  private final Epochs epochs = new Epochs();
  private final FlightCount flights = new FlightCount();
  private final AtLeastOnce delivery =
      new AtLeastOnce(() -> producer, epochs, flights, Backoff.DEFAULT, new Events());
  private final int epoch = epochs.begin(new PartitionId("requests", 0));

  @Test
  void theOnlyOneInFlightGoesAtOnce() {
    flights.begin();
    store(0).join();
    assertThat(producer.history()).hasSize(1);
  }

  @Test
  void whatMayBeJoinedWaitsUntilNobodyIsLeftToJoinIt() {
    flights.begin();
    flights.begin();
    flights.begin();
    CompletableFuture<Void> first = store(0);
    CompletableFuture<Void> second = store(1);
    await().until(() -> producer.history().size() == 2);
    assertThat(producer.flushed()).isFalse();
    assertThat(first).isNotDone();
    assertThat(second).isNotDone();
    store(2).join();
    first.join();
    second.join();
  }

  @Test
  void whatOthersOfItsKeyWaitForGoesAtOnce() {
    flights.begin();
    flights.begin();
    flights.begin();
    flights.beginBehindOthers();
    store(0).join();
    flights.endBehindOthers();
    CompletableFuture<Void> second = store(1);
    await().until(() -> producer.history().size() == 2);
    assertThat(second).isNotDone();
  }

  @Test
  void whoHasEndedIsNotWaitedFor() {
    flights.begin();
    flights.begin();
    flights.end();
    store(0).join();
  }

  private CompletableFuture<Void> store(long offset) {
    Position position = new Position("requests", 0, offset, epoch);
    ConsumerRecord<byte[], byte[]> record =
        new ConsumerRecord<>("requests", 0, offset, new byte[0], new byte[] {1});
    Received received = new Received(record, position, Provenance.of(record, TOPICS));
    Outgoing outgoing =
        Outgoing.insisted(new ProducerRecord<>("results", new byte[] {(byte) offset}));
    return CompletableFuture.runAsync(
        () -> {
          try {
            delivery.store(received, List.of(outgoing));
          } catch (InterruptedException | PartitionLostException e) {
            throw new CompletionException(e);
          }
        },
        task -> Thread.ofVirtual().start(task));
  }
}

package dev.sluice.worker.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.worker.ledger.Bounds;
import dev.sluice.worker.ledger.Committable;
import dev.sluice.worker.ledger.Ledger;
import dev.sluice.worker.ledger.PartitionId;
import dev.sluice.worker.ledger.Room;
import dev.sluice.worker.model.Position;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TransactionsTest {
  private static final PartitionId PARTITION = new PartitionId("requests", 0);
  private static final long RECORD = 1_000;

  private final Ledger ledger = new Ledger(new Bounds(100, 10 * RECORD, 1_000));
  private final ConsumerGroupMetadata group =
      new MockConsumer<byte[], byte[]>("earliest").groupMetadata();
  private final Transactions transactions =
      new Transactions(
          ledger,
          () -> group,
          new TransactionalProducer(MockProducer::new, new Events()),
          new Mailbox(),
          new Events(),
          0);

  @AfterEach
  void close() {
    transactions.close();
  }

  private Staged staged(long offset) {
    Position position = ledger.admit(PARTITION, offset, RECORD, 0);
    ProducerRecord<byte[], byte[]> result = new ProducerRecord<>("results", new byte[10]);
    return new Staged(position, RECORD, List.of(Outgoing.insisted(result)));
  }

  /**
   * A large request with a small result is in memory as long as its thread is: a worker whose
   * transactions are slow takes on no more than the bound allows.
   */
  @Test
  void whatWaitsForItsTransactionHoldsItsRecordInMemory() {
    ledger.begin(PARTITION, 1);
    List<Staged> all = List.of(staged(0), staged(1), staged(2));
    all.forEach(transactions::handed);
    assertThat(ledger.unfinished()).isZero();
    assertThat(ledger.bytes()).isEqualTo(3 * RECORD);
    for (long offset = 3; offset < 10; offset++) {
      transactions.handed(staged(offset));
    }
    assertThat(ledger.room(PARTITION, RECORD)).isEqualTo(Room.FULL);

    transactions.ended(
        new Transaction(List.of(new Committable(PARTITION, 1, 3)), all, group),
        new Transaction.Result.Committed(),
        0);

    assertThat(ledger.bytes()).isEqualTo(7 * RECORD);
    assertThat(ledger.room(PARTITION, RECORD)).isEqualTo(Room.FREE);
    transactions.forget(List.of(PARTITION));
    ledger.end(PARTITION);
    assertThat(ledger.bytes()).isZero();
  }
}

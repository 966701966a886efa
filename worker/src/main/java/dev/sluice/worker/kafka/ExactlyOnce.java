package dev.sluice.worker.kafka;

import static java.util.Objects.requireNonNull;

import dev.sluice.worker.ledger.Epochs;
import dev.sluice.worker.model.Position;
import java.util.List;

/** Hands what a record led to over to the {@link Transactions}, and waits until it is stored. */
final class ExactlyOnce implements Delivery {
  private final Mailbox mailbox;
  private final Epochs epochs;

  ExactlyOnce(Mailbox mailbox, Epochs epochs) {
    this.mailbox = requireNonNull(mailbox, "mailbox is null");
    this.epochs = requireNonNull(epochs, "epochs is null");
  }

  @Override
  public void store(Received origin, List<Outgoing> outgoing)
      throws InterruptedException, PartitionLostException {
    Position position = origin.position();
    if (!epochs.isCurrent(position)) {
      throw new PartitionLostException(position);
    }
    Staged staged = new Staged(position, RecordSize.of(origin.record()), outgoing);
    mailbox.put(new RecordEvent.Handed(staged));
    staged.await();
  }

  /** The producer is the transactions' own. */
  @Override
  public void close() {}
}

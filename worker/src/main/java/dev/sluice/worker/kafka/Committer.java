package dev.sluice.worker.kafka;

import dev.sluice.worker.ledger.PartitionId;
import java.util.Collection;
import java.util.Set;

/** How offsets are committed. Owned by the poll thread, and never makes it wait for long. */
sealed interface Committer permits Commits, Transactions {
  /**
   * Whether what records of a partition led to is stored in the order of their offsets, whatever
   * the order in which they are handed over.
   */
  boolean storesInOrder();

  /** Does what is due; called in every turn of the poll loop. */
  void step(long now);

  /** The same while partitions are about to leave and the poll loop stands still. */
  void settle(long now);

  /** What a record led to is to be stored. */
  void handed(Staged staged);

  /** A transaction has ended. */
  void ended(Transaction transaction, Transaction.Result result, long now);

  /** Whether nothing that is finished in these partitions waits to be stored. */
  boolean isSettled(Collection<PartitionId> partitions);

  /** Whether something happens soon that the poll thread should not sleep through. */
  boolean isBusy();

  /** The partitions leave: commits for the last time, within bounds, what is finished of them. */
  void commitNow(Collection<PartitionId> partitions);

  /** The partitions are gone: what waits for them is dropped. */
  void forget(Collection<PartitionId> partitions);

  /** Partitions of which only the committed offsets can tell how far they are. */
  Set<PartitionId> uncertain();

  /** Ends everything; the intake has let go of every partition. */
  void close();
}

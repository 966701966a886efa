package dev.sluice.worker.kafka;

import static java.util.Objects.requireNonNull;

import dev.sluice.worker.model.Position;

/** What the poll thread hears from other threads. */
sealed interface RecordEvent {
  /**
   * A record's thread has ended.
   *
   * @param handled whether the record was handled to its end, and not given up
   */
  record Ended(Position position, boolean handled) implements RecordEvent {
    public Ended {
      requireNonNull(position, "position is null");
    }
  }

  /** A record waits for something that is down for everybody. */
  record Parked(Position position, String dependency) implements RecordEvent {
    public Parked {
      requireNonNull(position, "position is null");
      requireNonNull(dependency, "dependency is null");
    }
  }

  /** A record goes on. */
  record Resumed(Position position) implements RecordEvent {
    public Resumed {
      requireNonNull(position, "position is null");
    }
  }

  /** What a record led to is to be stored in a transaction. */
  record Handed(Staged staged) implements RecordEvent {
    public Handed {
      requireNonNull(staged, "staged is null");
    }
  }

  /** A transaction has ended. */
  record TransactionEnded(Transaction transaction, Transaction.Result result)
      implements RecordEvent {
    public TransactionEnded {
      requireNonNull(transaction, "transaction is null");
      requireNonNull(result, "result is null");
    }
  }
}

package dev.sluice.worker.kafka;

import static java.util.Objects.requireNonNull;

import dev.sluice.worker.ledger.Committable;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;

/**
 * What is stored together: the offsets of a finished prefix of each partition and what the records
 * before them led to.
 *
 * @param commits the prefixes
 * @param staged what the records in them led to, of each partition in the order of its offsets
 * @param group who this worker was in its group when the prefixes were taken: the brokers refuse
 *     the offsets if it no longer is
 */
record Transaction(List<Committable> commits, List<Staged> staged, ConsumerGroupMetadata group) {
  Transaction {
    commits = List.copyOf(commits);
    staged = List.copyOf(staged);
    requireNonNull(group, "group is null");
  }

  /** How a transaction ended. */
  sealed interface Result {
    /** All of it is stored. */
    record Committed() implements Result {}

    /**
     * Nothing of it is stored.
     *
     * @param failures the records that failed by themselves; empty when the reason is another
     */
    record Aborted(Exception reason, List<Failure> failures) implements Result {
      public Aborted {
        requireNonNull(reason, "reason is null");
        failures = List.copyOf(failures);
      }
    }

    /** All of it is stored or nothing; only the offsets that are committed can tell. */
    record Unknown(Exception reason) implements Result {
      public Unknown {
        requireNonNull(reason, "reason is null");
      }
    }
  }

  /** A record that could not be sent. */
  record Failure(Staged staged, Outgoing outgoing, Exception reason) {}
}

package dev.sluice.worker.kafka;

import static java.util.Objects.requireNonNull;

import java.util.function.Supplier;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * A record to be stored.
 *
 * @param record what is stored if its topic takes it
 * @param tooLarge what happens if the topic says that it is too large
 */
record Outgoing(ProducerRecord<byte[], byte[]> record, TooLarge tooLarge) {
  Outgoing {
    requireNonNull(record, "record is null");
    requireNonNull(tooLarge, "tooLarge is null");
  }

  /** What happens when a record is too large for its topic. */
  sealed interface TooLarge {
    /** Whoever wants it stored hears of it, and nothing is stored. */
    record Refuse() implements TooLarge {}

    /** Another is stored in its place, however long it takes until the topic takes it. */
    record Replace(Supplier<ProducerRecord<byte[], byte[]>> smaller) implements TooLarge {
      public Replace {
        requireNonNull(smaller, "smaller is null");
      }
    }

    /** It is tried again: the topic may be changed. */
    record Insist() implements TooLarge {}
  }

  /** The smaller record in this one's place. */
  static Outgoing insisted(ProducerRecord<byte[], byte[]> record) {
    return new Outgoing(record, new TooLarge.Insist());
  }
}

package dev.sluice.worker.kafka;

import java.util.List;

/** How what a record led to is stored. Called on virtual threads, many at once. */
sealed interface Delivery extends AutoCloseable permits AtLeastOnce, ExactlyOnce {
  /**
   * Stores these records and comes back when the brokers have them for good: a topic that is
   * missing, full or forbidden is tried again until it takes them, however long that is.
   *
   * @param origin the record on whose behalf this is; nothing is sent once its partition is lost
   * @throws org.apache.kafka.common.errors.RecordTooLargeException when the only one does not fit
   *     its topic and asked to be refused; nothing is stored then
   * @throws PartitionLostException when the partition was lost before they were stored
   * @throws InterruptedException when interrupted meanwhile
   */
  void store(Received origin, List<Outgoing> outgoing)
      throws InterruptedException, PartitionLostException;

  @Override
  void close();
}

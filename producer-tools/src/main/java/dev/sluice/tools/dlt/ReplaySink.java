package dev.sluice.tools.dlt;

import org.apache.kafka.common.TopicPartition;

/** Where a replay's requests go. Used by one thread. */
interface ReplaySink {

  /**
   * Takes one request, now or when its turn comes.
   *
   * @return whether to go on; false: somebody wants the replay to stop, and this one was not taken
   */
  boolean send(Outgoing outgoing) throws InterruptedException;

  /** All before {@code next} is done: taken, refused or not meant. */
  void passed(TopicPartition partition, long next);
}

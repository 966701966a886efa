package dev.sluice.tools.dlt;

import org.apache.kafka.clients.producer.ProducerRecord;

/** What to do with a dead letter that is meant. */
sealed interface ReplayDecision {

  /** Send this. */
  record Send(ProducerRecord<byte[], byte[]> record) implements ReplayDecision {}

  /** Leave it where it is. */
  record Refuse(Refusal reason) implements ReplayDecision {}
}

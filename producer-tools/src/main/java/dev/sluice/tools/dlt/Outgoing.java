package dev.sluice.tools.dlt;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/** A request that is to be sent again, and the dead letter that it was. */
record Outgoing(DeadLetter letter, ProducerRecord<byte[], byte[]> record, ReplayTally.Group group) {

  /** The partition of the dead letter. */
  TopicPartition partition() {
    return new TopicPartition(letter.record().topic(), letter.partition());
  }

  /** About how many bytes it needs. */
  long bytes() {
    long headers = 0;
    for (var header : record.headers()) {
      headers += header.key().length() + (header.value() == null ? 0 : header.value().length);
    }
    return headers
        + (record.key() == null ? 0 : record.key().length)
        + (record.value() == null ? 0 : record.value().length);
  }
}

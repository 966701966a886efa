package dev.sluice.worker.kafka;

import static java.util.Objects.requireNonNull;

import dev.sluice.worker.model.Position;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * A record that was taken on.
 *
 * @param record its bytes
 * @param position where it stands, and in which tenure it was read
 * @param provenance where its request first stood
 */
record Received(ConsumerRecord<byte[], byte[]> record, Position position, Provenance provenance) {
  Received {
    requireNonNull(record, "record is null");
    requireNonNull(position, "position is null");
    requireNonNull(provenance, "provenance is null");
  }
}

package dev.sluice.worker.model;

import static java.util.Objects.requireNonNull;

/**
 * Where a record stands in Kafka, and in which tenure of its partition this worker read it.
 *
 * @param topic topic the record was read from
 * @param partition partition within the topic
 * @param offset offset within the partition
 * @param epoch counts how often this worker was given the partition; work that carries an older
 *     epoch than the present one belongs to a partition that was lost in between and is never
 *     published
 */
public record Position(String topic, int partition, long offset, int epoch) {
  public Position {
    requireNonNull(topic, "topic is null");
    if (partition < 0 || offset < 0 || epoch < 0) {
      throw new IllegalArgumentException(
          "partition, offset and epoch start at 0: " + partition + ", " + offset + ", " + epoch);
    }
  }

  @Override
  public String toString() {
    return topic + "-" + partition + "@" + offset;
  }
}

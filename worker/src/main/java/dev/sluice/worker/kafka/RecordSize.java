package dev.sluice.worker.kafka;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * What a record holds in memory while it is in flight, in bytes: its key and headers, its value
 * twice (the record itself is kept for the dead letter, and an inline image is a copy out of it),
 * and what its thread and objects take at rest.
 */
final class RecordSize {
  /**
   * A waiting virtual thread's stack and the record's objects: up to 10 KB each in heaps that were
   * full.
   */
  private static final long FIXED = 10 * 1024;

  private RecordSize() {}

  static long of(ConsumerRecord<byte[], byte[]> record) {
    long size = FIXED + length(record.key()) + 2L * length(record.value());
    for (Header header : record.headers()) {
      size += 2L * header.key().length() + length(header.value());
    }
    return size;
  }

  private static long length(byte @Nullable [] bytes) {
    return bytes == null ? 0 : bytes.length;
  }
}

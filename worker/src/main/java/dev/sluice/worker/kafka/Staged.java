package dev.sluice.worker.kafka;

import static java.util.Objects.requireNonNull;

import dev.sluice.worker.model.Position;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.RecordTooLargeException;

/**
 * What one record led to, waiting for a transaction. Made and awaited by the record's thread;
 * everything else belongs to the poll thread.
 */
final class Staged {
  private final Position position;
  private final long recordBytes;
  private final CompletableFuture<Answer> answer = new CompletableFuture<>();

  /** Poll thread only, once it has been handed over. */
  private List<Outgoing> outgoing;

  /** Poll thread only: a too large record was refused, and another comes in this one's place. */
  private boolean refused;

  /**
   * @param recordBytes what the record holds in memory as long as its thread waits here
   */
  Staged(Position position, long recordBytes, List<Outgoing> outgoing) {
    this.position = requireNonNull(position, "position is null");
    this.recordBytes = recordBytes;
    this.outgoing = List.copyOf(outgoing);
  }

  /** How it ended. */
  private sealed interface Answer {
    record Stored() implements Answer {}

    record Lost() implements Answer {}

    record TooLarge(RecordTooLargeException reason) implements Answer {}
  }

  Position position() {
    return position;
  }

  List<Outgoing> outgoing() {
    return outgoing;
  }

  boolean isRefused() {
    return refused;
  }

  /** What it holds in memory until it is stored, in bytes: the record is there still. */
  long held() {
    return Math.max(recordBytes, bytes());
  }

  /** What is to be stored, in bytes. */
  long bytes() {
    return outgoing.stream().mapToLong(each -> bytes(each.record())).sum();
  }

  void replace(List<Outgoing> replacement) {
    outgoing = List.copyOf(replacement);
  }

  void refuse(RecordTooLargeException reason) {
    refused = true;
    answer.complete(new Answer.TooLarge(reason));
  }

  void stored() {
    answer.complete(new Answer.Stored());
  }

  void lost() {
    answer.complete(new Answer.Lost());
  }

  /**
   * Record's thread: waits until it is stored.
   *
   * @throws RecordTooLargeException when it was refused
   */
  void await() throws InterruptedException, PartitionLostException {
    Answer said;
    try {
      said = answer.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("nobody completes it so", e);
    }
    switch (said) {
      case Answer.Stored() -> {}
      case Answer.Lost() -> throw new PartitionLostException(position);
      case Answer.TooLarge(RecordTooLargeException reason) -> throw reason;
    }
  }

  private static long bytes(ProducerRecord<byte[], byte[]> record) {
    long headers = 0;
    for (var header : record.headers()) {
      headers += header.key().length() + (header.value() == null ? 0 : header.value().length);
    }
    return headers
        + (record.key() == null ? 0 : record.key().length)
        + (record.value() == null ? 0 : record.value().length);
  }
}

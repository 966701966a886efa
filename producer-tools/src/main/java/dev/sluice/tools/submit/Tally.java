package dev.sluice.tools.submit;

import dev.sluice.v1.InferenceRequest;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.RecordMetadata;

/**
 * Counts what became of the requests and tells about failures, the first few of them in words.
 * Thread-safe: the producer's thread writes, the command's thread reads.
 */
final class Tally implements RequestSender.Listener {
  private static final long TOLD_IN_WORDS = 20;

  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private final AtomicLong rejected = new AtomicLong();
  private final Set<String> failedIds = ConcurrentHashMap.newKeySet();
  private final Consumer<String> remarks;
  private final BiConsumer<InferenceRequest, RecordMetadata> onSent;

  Tally(Consumer<String> remarks, BiConsumer<InferenceRequest, RecordMetadata> onSent) {
    this.remarks = remarks;
    this.onSent = onSent;
  }

  @Override
  public void sent(InferenceRequest request, RecordMetadata where) {
    sent.incrementAndGet();
    onSent.accept(request, where);
  }

  @Override
  public void failed(InferenceRequest request, Exception why) {
    failedIds.add(request.getRequestId());
    if (failed.incrementAndGet() <= TOLD_IN_WORDS) {
      remarks.accept("not sent: " + request.getRequestId() + ": " + why.getMessage());
    }
  }

  /** Counts an input that never became a request. */
  void rejected(String where, String problem) {
    rejected.incrementAndGet();
    remarks.accept(where + ": " + problem);
  }

  long sent() {
    return sent.get();
  }

  long failed() {
    return failed.get();
  }

  Set<String> failedIds() {
    return Set.copyOf(failedIds);
  }

  long rejected() {
    return rejected.get();
  }

  /** Whether everything that was named has been sent. */
  boolean isComplete() {
    return failed() == 0 && rejected() == 0;
  }

  /** One line about all of it. */
  String summary(String topic) {
    StringBuilder summary =
        new StringBuilder().append(sent()).append(" requests sent to ").append(topic);
    if (failed() > 0) {
      summary.append(", ").append(failed()).append(" could not be sent");
    }
    if (rejected() > 0) {
      summary.append(", ").append(rejected()).append(" inputs were not usable");
    }
    return summary.toString();
  }
}

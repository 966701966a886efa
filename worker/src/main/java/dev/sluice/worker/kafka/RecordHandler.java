package dev.sluice.worker.kafka;

import static java.util.Objects.requireNonNull;

import dev.sluice.worker.ledger.Epochs;
import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.ImageTask;
import dev.sluice.worker.model.Outcome;
import dev.sluice.worker.model.Parking;
import dev.sluice.worker.model.Position;
import dev.sluice.worker.model.TaskException;
import dev.sluice.worker.model.Timings;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * What happens to one record, from its bytes to the acknowledgement of all that it led to. Called
 * on the record's own virtual thread, for many records at once.
 */
public final class RecordHandler {
  private static final Logger LOG = LoggerFactory.getLogger(RecordHandler.class);

  /** Names the request on every line that is logged on the record's thread. */
  private static final String REQUEST_ID = "request_id";

  /** A request is refused whose id is longer, but until then it is logged. */
  private static final int LONGEST_ID = 256;

  private static final Parking UNHEARD =
      new Parking() {
        @Override
        public void entered(String dependency) {}

        @Override
        public void left() {}
      };

  private final RequestCodec codec;
  private final Processor processor;
  private final Publisher publisher;
  private final Epochs epochs;
  private final IntakeObserver observer;
  private final InstantSource clock;
  private final LongSupplier nanos;

  /**
   * @param clock gives the time that results carry
   * @param nanos measures how long things took, in nanoseconds of any origin
   */
  public RecordHandler(
      RequestCodec codec,
      Processor processor,
      Publisher publisher,
      Epochs epochs,
      IntakeObserver observer,
      InstantSource clock,
      LongSupplier nanos) {
    this.codec = requireNonNull(codec, "codec is null");
    this.processor = requireNonNull(processor, "processor is null");
    this.publisher = requireNonNull(publisher, "publisher is null");
    this.epochs = requireNonNull(epochs, "epochs is null");
    this.observer = requireNonNull(observer, "observer is null");
    this.clock = requireNonNull(clock, "clock is null");
    this.nanos = requireNonNull(nanos, "nanos is null");
  }

  /**
   * Handles the record to its end.
   *
   * @throws PartitionLostException when the partition is gone: nothing more was published
   * @throws InterruptedException when told to give the record up
   */
  void handle(ConsumerRecord<byte[], byte[]> record, Position position)
      throws InterruptedException, PartitionLostException {
    long begun = nanos.getAsLong();
    switch (codec.decode(record, position, UNHEARD)) {
      case Decoded.Request(var request, var task) -> {
        MDC.put(REQUEST_ID, Text.bounded(request.getRequestId(), LONGEST_ID));
        Outcome said = process(task);
        Outcome answered = publisher.answer(record, position, request, said);
        observer.finished(position, answered, Duration.ofNanos(nanos.getAsLong() - begun));
      }
      case Decoded.Invalid(var request, var reason) -> {
        MDC.put(REQUEST_ID, Text.bounded(request.getRequestId(), LONGEST_ID));
        Outcome said = new Outcome.Failed(reason, 1, timings(record));
        Outcome answered = publisher.answer(record, position, request, said);
        observer.finished(position, answered, Duration.ofNanos(nanos.getAsLong() - begun));
      }
      case Decoded.Undecodable(var reason) -> {
        publisher.deadLetter(record, position, reason, 1);
        observer.undecodable(position, reason);
      }
    }
  }

  private Outcome process(ImageTask task) throws InterruptedException {
    try {
      return processor.process(task, UNHEARD);
    } catch (TaskException e) {
      return new Outcome.Failed(e, 1, timings(task.submittedAt()));
    } catch (InterruptedException e) {
      if (toldToStop(task.position())) {
        throw e;
      }
      return unexpected(task, e);
    } catch (Exception | Error e) {
      return unexpected(task, e);
    }
  }

  /**
   * Whoever interrupts us first ends the tenure; an interruption within one is a stage's own doing.
   */
  private boolean toldToStop(Position position) {
    return !epochs.isCurrent(position);
  }

  private Outcome unexpected(ImageTask task, Throwable thrown) {
    LOG.error("{} ({}) failed unexpectedly", task.position(), task.requestId(), thrown);
    String message = "the worker failed unexpectedly: " + Text.bounded(thrown.toString(), 500);
    return new Outcome.Failed(
        new TaskException(ErrorCode.INTERNAL, message, thrown), 1, timings(task.submittedAt()));
  }

  private Timings timings(ConsumerRecord<byte[], byte[]> record) {
    return record.timestamp() < 0
        ? new Timings(0, 0, 0, 0, 0, 0)
        : timings(Instant.ofEpochMilli(record.timestamp()));
  }

  private Timings timings(Instant submittedAt) {
    long millis = clock.millis() - submittedAt.toEpochMilli();
    double total = Math.max(0, millis);
    return new Timings(0, 0, 0, 0, 0, total);
  }
}

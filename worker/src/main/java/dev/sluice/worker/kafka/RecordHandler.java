package dev.sluice.worker.kafka;

import static java.util.Objects.requireNonNull;

import dev.sluice.v1.InferenceRequest;
import dev.sluice.worker.ledger.Epochs;
import dev.sluice.worker.model.Attempt;
import dev.sluice.worker.model.Deadline;
import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.ImageTask;
import dev.sluice.worker.model.Outcome;
import dev.sluice.worker.model.TaskException;
import dev.sluice.worker.model.Timings;
import dev.sluice.worker.retry.RetryPolicy;
import dev.sluice.worker.retry.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongSupplier;
import org.apache.kafka.common.errors.RecordTooLargeException;
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

  private final RequestCodec codec;
  private final Processor processor;
  private final RetryPolicy retries;
  private final Publisher publisher;
  private final Epochs epochs;
  private final FlightCount flights;
  private final IntakeObserver observer;
  private final InstantSource clock;
  private final LongSupplier nanos;

  /**
   * @param retries decides what becomes of what failed; its steps are those of the retry topics
   * @param flights the same that the publisher asks
   * @param clock gives the time that results carry
   * @param nanos measures how long things took, in nanoseconds of any origin
   */
  public RecordHandler(
      RequestCodec codec,
      Processor processor,
      RetryPolicy retries,
      Publisher publisher,
      Epochs epochs,
      FlightCount flights,
      IntakeObserver observer,
      InstantSource clock,
      LongSupplier nanos) {
    this.codec = requireNonNull(codec, "codec is null");
    this.processor = requireNonNull(processor, "processor is null");
    this.retries = requireNonNull(retries, "retries is null");
    this.publisher = requireNonNull(publisher, "publisher is null");
    this.epochs = requireNonNull(epochs, "epochs is null");
    this.flights = requireNonNull(flights, "flights is null");
    this.observer = requireNonNull(observer, "observer is null");
    this.clock = requireNonNull(clock, "clock is null");
    this.nanos = requireNonNull(nanos, "nanos is null");
  }

  /**
   * Handles the record to its end.
   *
   * @throws RejectedExecutionException when the record was not judged: nothing was published
   * @throws PartitionLostException when the partition is gone: nothing more was published
   * @throws InterruptedException when told to give the record up
   */
  void handle(Received received, Flight flight)
      throws InterruptedException, PartitionLostException {
    long begun = nanos.getAsLong();
    flights.begin();
    try {
      Conclusion conclusion = conclude(received, flight);
      // First: being told to leave from here on would otherwise interrupt the wait for the turn.
      flight.publishing();
      awaitTurn(flight.turn());
      publish(received, conclusion, begun);
    } finally {
      flights.end();
    }
  }

  private void awaitTurn(Turn turn) throws InterruptedException {
    if (turn.hasCome()) {
      return;
    }
    flights.beginBehindOthers();
    try {
      turn.await();
    } finally {
      flights.endBehindOthers();
    }
  }

  /** What is to be published for a record. */
  private sealed interface Conclusion {
    /** The request is answered. */
    record Answer(InferenceRequest request, Outcome outcome, Deadline deadline)
        implements Conclusion {}

    /** Nobody can be answered. */
    record Bury(TaskException reason, int attempts) implements Conclusion {}

    /**
     * The record waits on the retry topic of a step.
     *
     * @param attempts how often it was tried
     * @param tooLarge what is done when the record does not fit there
     */
    record Postpone(TaskException reason, int attempts, int step, Instant due, Conclusion tooLarge)
        implements Conclusion {}
  }

  private Conclusion conclude(Received received, Flight flight) throws InterruptedException {
    Attempt attempt = received.provenance().attempt();
    Decoded decoded;
    try {
      decoded = codec.decode(received, flight);
    } catch (InterruptedException e) {
      TaskException reason = heldUp(flight, e);
      return parked(reason, attempt, new Conclusion.Bury(reason, attempt.number()));
    }
    return switch (decoded) {
      case Decoded.Request(var request, var task) -> {
        name(request);
        yield conclude(request, task, flight);
      }
      case Decoded.Invalid(var request, var reason) -> {
        name(request);
        yield new Conclusion.Answer(
            request,
            new Outcome.Failed(reason, attempt.number(), timings(received)),
            new Deadline.None());
      }
      case Decoded.Undecodable(var reason) -> new Conclusion.Bury(reason, attempt.number());
    };
  }

  /** Tries a request, in place again and again where the policy says so. */
  private Conclusion conclude(InferenceRequest request, ImageTask decoded, Flight flight)
      throws InterruptedException {
    ImageTask task = decoded;
    int stepsTaken = task.attempt().stepsTaken();
    for (int attempt = task.attempt().number(); ; attempt++) {
      Outcome outcome;
      try {
        outcome = process(task, flight);
      } catch (InterruptedException e) {
        TaskException reason = heldUp(flight, e);
        outcome = new Outcome.Failed(reason, attempt, timings(task.submittedAt()));
        if (wasParked(flight)) {
          return parked(
              reason, task.attempt(), new Conclusion.Answer(request, outcome, task.deadline()));
        }
      }
      if (!(outcome instanceof Outcome.Failed(var reason, _, var timings))) {
        return new Conclusion.Answer(request, outcome, task.deadline());
      }
      Outcome.Failed failed = new Outcome.Failed(reason, attempt, timings);
      switch (retries.decide(reason, stepsTaken, task.deadline(), clock.instant())) {
        case Verdict.GiveUp() -> {
          return new Conclusion.Answer(request, failed, task.deadline());
        }
        case Verdict.Expire() -> {
          return new Conclusion.Answer(request, expired(failed), task.deadline());
        }
        case Verdict.Postpone(int step, Instant due) -> {
          return new Conclusion.Postpone(
              reason, attempt, step, due, new Conclusion.Answer(request, failed, task.deadline()));
        }
        case Verdict.WaitInPlace(int step, Duration delay) -> {
          observer.waitsInPlace(task.position(), reason, delay);
          task = task.again(attempt + 1, step, clock.instant());
          Thread.sleep(delay);
          stepsTaken = step + 1;
        }
      }
    }
  }

  private Outcome process(ImageTask task, Flight flight) throws InterruptedException {
    try {
      return processor.process(task, flight);
    } catch (TaskException e) {
      return new Outcome.Failed(e, 1, timings(task.submittedAt()));
    } catch (RejectedExecutionException e) {
      // Nobody judged it: it is done again here or by whoever gets the partition.
      throw e;
    } catch (InterruptedException e) {
      if (flight.stage() instanceof Flight.Stage.HeldUp || !epochs.isCurrent(task.position())) {
        throw e;
      }
      // An interruption that nobody here asked for is a stage's own doing.
      return unexpected(task, e);
    } catch (Exception | Error e) {
      return unexpected(task, e);
    }
  }

  /**
   * Why a record leaves that held back its partition's commits: an interruption that says so, and
   * any other goes on.
   */
  private TaskException heldUp(Flight flight, InterruptedException interruption)
      throws InterruptedException {
    if (!epochs.isCurrent(flight.position())
        || !(flight.stage() instanceof Flight.Stage.HeldUp(Flight.Stage before))) {
      throw interruption;
    }
    return before instanceof Flight.Stage.Parked(String dependency)
        ? new TaskException(
            ErrorCode.IMAGE_UNAVAILABLE, "waited too long for " + dependency, interruption)
        : new TaskException(
            ErrorCode.INTERNAL,
            "took too long: its partition could not be committed",
            interruption);
  }

  /**
   * What waited for something that is down has not been tried, and stays on its step of the ladder.
   * Anything else that is held up has been tried, or what wedges one worker would go round for
   * ever.
   */
  private static boolean wasParked(Flight flight) {
    return flight.stage() instanceof Flight.Stage.HeldUp(Flight.Stage before)
        && before instanceof Flight.Stage.Parked;
  }

  private Conclusion parked(TaskException reason, Attempt attempt, Conclusion tooLarge) {
    int step = Math.max(0, attempt.stepsTaken() - 1);
    Instant due = clock.instant().plus(retries.steps().get(step));
    return new Conclusion.Postpone(reason, attempt.number() - 1, step, due, tooLarge);
  }

  private void publish(Received received, Conclusion conclusion, long begun)
      throws InterruptedException, PartitionLostException {
    switch (conclusion) {
      case Conclusion.Answer(var request, var said, var deadline) -> {
        Outcome answered = publisher.answer(received, request, inTime(received, said, deadline));
        observer.finished(
            received.position(), answered, Duration.ofNanos(nanos.getAsLong() - begun));
      }
      case Conclusion.Bury(var reason, int attempts) -> {
        publisher.deadLetter(received, reason, attempts);
        observer.undecodable(received.position(), reason);
      }
      case Conclusion.Postpone(var reason, int attempts, int step, var due, var tooLarge) -> {
        try {
          publisher.postpone(received, reason, attempts, step, due);
          observer.postponed(received.position(), reason, due);
        } catch (RecordTooLargeException e) {
          LOG.warn("{} does not fit its retry topic", received.position(), e);
          publish(received, tooLarge, begun);
        }
      }
    }
  }

  /** Behind others of its key a request may have become late. */
  private Outcome inTime(Received received, Outcome outcome, Deadline deadline) {
    return outcome instanceof Outcome.Succeeded succeeded && deadline.isPast(clock.instant())
        ? new Outcome.Expired(
            "its turn to be published",
            received.provenance().attempt().number(),
            succeeded.timings())
        : outcome;
  }

  private Outcome unexpected(ImageTask task, Throwable thrown) {
    LOG.error("{} ({}) failed unexpectedly", task.position(), task.requestId(), thrown);
    String message = "the worker failed unexpectedly: " + Text.bounded(thrown.toString(), 500);
    return new Outcome.Failed(
        new TaskException(ErrorCode.INTERNAL, message, thrown), 1, timings(task.submittedAt()));
  }

  private static Outcome expired(Outcome.Failed failed) {
    String stage =
        "the next attempt, which would come after it; attempt %d: %s: %s"
            .formatted(failed.attempts(), failed.reason().code(), Text.message(failed.reason()));
    return new Outcome.Expired(stage, failed.attempts(), failed.timings());
  }

  private static void name(InferenceRequest request) {
    MDC.put(REQUEST_ID, Text.bounded(request.getRequestId(), LONGEST_ID));
  }

  private Timings timings(Received received) {
    long timestamp = received.provenance().timestamp();
    return timestamp < 0 ? new Timings(0, 0, 0, 0, 0, 0) : timings(Instant.ofEpochMilli(timestamp));
  }

  private Timings timings(Instant submittedAt) {
    long millis = clock.millis() - submittedAt.toEpochMilli();
    double total = Math.max(0, millis);
    return new Timings(0, 0, 0, 0, 0, total);
  }
}

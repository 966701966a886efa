package dev.sluice.worker;

import static java.util.Objects.requireNonNull;

import dev.sluice.worker.batch.Batched;
import dev.sluice.worker.image.FetchedImage;
import dev.sluice.worker.image.ImageDecoder;
import dev.sluice.worker.image.ImageFetcher;
import dev.sluice.worker.inference.InferenceInput;
import dev.sluice.worker.inference.ModelRepository;
import dev.sluice.worker.inference.ServedModel;
import dev.sluice.worker.kafka.Processor;
import dev.sluice.worker.model.Deadline;
import dev.sluice.worker.model.DecodedImage;
import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.Geometry;
import dev.sluice.worker.model.ImageTask;
import dev.sluice.worker.model.Outcome;
import dev.sluice.worker.model.Output;
import dev.sluice.worker.model.Parking;
import dev.sluice.worker.model.TaskException;
import java.time.InstantSource;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * The data path of one request: find the model, fetch, decode, join a batch, answer. Runs on the
 * record's own virtual thread, for many records at once; each step waits where it must and nobody
 * else waits with it.
 */
final class TaskProcessor implements Processor {
  private final ModelRepository models;
  private final ImageFetcher fetcher;
  private final ImageDecoder decoder;
  private final Batchers batchers;
  private final InstantSource clock;
  private final LongSupplier nanoClock;

  TaskProcessor(
      ModelRepository models,
      ImageFetcher fetcher,
      ImageDecoder decoder,
      Batchers batchers,
      InstantSource clock,
      LongSupplier nanoClock) {
    this.models = requireNonNull(models, "models is null");
    this.fetcher = requireNonNull(fetcher, "fetcher is null");
    this.decoder = requireNonNull(decoder, "decoder is null");
    this.batchers = requireNonNull(batchers, "batchers is null");
    this.clock = requireNonNull(clock, "clock is null");
    this.nanoClock = requireNonNull(nanoClock, "nanoClock is null");
  }

  @Override
  public Outcome process(ImageTask task, Parking parking) throws InterruptedException {
    Stopwatch stopwatch = new Stopwatch(task.submittedAt(), clock, nanoClock);
    try {
      requireInTime(task.deadline(), "on arrival");
      ServedModel model = models.find(task.model());
      model.task().validateParameters(task.parameters());
      return infer(task, model, parking, stopwatch);
    } catch (TaskException e) {
      return e.code() == ErrorCode.DEADLINE_EXCEEDED
          ? new Outcome.Expired(
              String.valueOf(e.getMessage()), task.attempt().number(), stopwatch.timings())
          : new Outcome.Failed(e, task.attempt().number(), stopwatch.timings());
    }
  }

  /** The memory of the image stays reserved until the model has answered. */
  private Outcome infer(ImageTask task, ServedModel model, Parking parking, Stopwatch stopwatch)
      throws InterruptedException {
    List<Geometry> geometries = model.task().geometries();
    stopwatch.fetching();
    try (FetchedImage fetched =
        fetcher.fetch(task, ImageDecoder.renditionBytes(geometries), parking)) {
      stopwatch.decoding();
      DecodedImage image = decoder.decode(fetched.bytes(), geometries, task.deadline());
      stopwatch.batching();
      InferenceInput input = new InferenceInput(image, task.parameters());
      Batched<Output> answer = batchers.of(model).submit(input, task.deadline());
      stopwatch.answered(answer.waited(), answer.ran());
      requireInTime(task.deadline(), "before its result was published");
      return new Outcome.Succeeded(
          model.name(),
          model.version(),
          answer.output(),
          image.info(),
          answer.batchSize(),
          stopwatch.timings());
    }
  }

  private void requireInTime(Deadline deadline, String when) {
    if (deadline.isPast(clock.instant())) {
      throw new TaskException(
          ErrorCode.DEADLINE_EXCEEDED, "the request's deadline had passed " + when);
    }
  }
}

package dev.sluice.worker;

import static java.util.Objects.requireNonNull;

import dev.sluice.worker.image.FetchedImage;
import dev.sluice.worker.image.ImageDecoder;
import dev.sluice.worker.image.ImageFetcher;
import dev.sluice.worker.inference.InferenceInput;
import dev.sluice.worker.inference.Lane;
import dev.sluice.worker.inference.ServedModel;
import dev.sluice.worker.model.Attempt;
import dev.sluice.worker.model.Deadline;
import dev.sluice.worker.model.DecodedImage;
import dev.sluice.worker.model.Geometry;
import dev.sluice.worker.model.ImageSource;
import dev.sluice.worker.model.ImageTask;
import dev.sluice.worker.model.Integrity;
import dev.sluice.worker.model.ModelSelector;
import dev.sluice.worker.model.Output;
import dev.sluice.worker.model.Parking;
import dev.sluice.worker.model.Position;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** One thread of {@link BareLoop}: fetches, decodes and runs a batch, over and over. */
final class BareThread {
  private static final Parking NOBODY_LOOKS =
      new Parking() {
        @Override
        public void entered(String dependency) {}

        @Override
        public void left() {}
      };

  private final ServedModel model;
  private final Lane lane;
  private final ImageDecoder decoder;
  private final Source source;
  private final Stages stages;
  private final int batch;
  private final Duration pause;

  /** Of the next image. Owned by the thread that runs. */
  private int next;

  /** What is done with each image. */
  enum Stages {
    ALL,
    DECODE,
    INFERENCE
  }

  /** Where images come from. */
  sealed interface Source {
    /** They are there. */
    record Memory(List<byte[]> images) implements Source {
      public Memory {
        images = List.copyOf(images);
      }
    }

    /** They are fetched as the worker does it. */
    record Fetched(ImageFetcher fetcher, List<String> addresses) implements Source {
      public Fetched {
        requireNonNull(fetcher, "fetcher is null");
        addresses = List.copyOf(addresses);
      }
    }
  }

  /**
   * What a thread has done.
   *
   * @param turns nanoseconds of each turn, a batch each
   */
  record Tally(
      long elapsedNanos,
      long fetchNanos,
      long decodeNanos,
      long inferenceNanos,
      long allocatedBytes,
      long[] turns) {}

  BareThread(
      ServedModel model,
      Lane lane,
      ImageDecoder decoder,
      Source source,
      Stages stages,
      int batch,
      Duration pause,
      int number) {
    this.model = requireNonNull(model, "model is null");
    this.lane = requireNonNull(lane, "lane is null");
    this.decoder = requireNonNull(decoder, "decoder is null");
    this.source = requireNonNull(source, "source is null");
    this.stages = requireNonNull(stages, "stages is null");
    this.batch = batch;
    this.pause = pause;
    this.next = number;
  }

  /** Goes on for so long, and to the end of the turn that it is in then. */
  Tally run(Duration duration) throws InterruptedException {
    List<Geometry> geometries = model.task().geometries();
    List<InferenceInput> ready = decoded(geometries);
    LongStream.Builder turns = LongStream.builder();
    long fetching = 0;
    long decoding = 0;
    long inferring = 0;
    long allocatedBefore = allocatedBytes();
    long begun = System.nanoTime();
    long now = begun;
    while (now - begun < duration.toNanos()) {
      long turn = now;
      List<InferenceInput> inputs = ready;
      if (stages != Stages.INFERENCE) {
        inputs = new ArrayList<>(batch);
        for (int i = 0; i < batch; i++) {
          byte[] encoded = encoded(geometries);
          long fetched = System.nanoTime();
          fetching += fetched - now;
          DecodedImage image = decoder.decodeHere(encoded, geometries);
          now = System.nanoTime();
          decoding += now - fetched;
          inputs.add(new InferenceInput(image, Map.of()));
        }
      }
      if (stages != Stages.DECODE) {
        List<Output> _ = lane.infer(inputs);
        long inferred = System.nanoTime();
        inferring += inferred - now;
        now = inferred;
      }
      turns.add(now - turn);
      if (pause.isPositive()) {
        Thread.sleep(pause);
        now = System.nanoTime();
      }
    }
    return new Tally(
        now - begun,
        fetching,
        decoding,
        inferring,
        allocatedBytes() - allocatedBefore,
        turns.build().toArray());
  }

  private List<InferenceInput> decoded(List<Geometry> geometries) throws InterruptedException {
    List<InferenceInput> inputs = new ArrayList<>(batch);
    for (int i = 0; i < batch; i++) {
      inputs.add(new InferenceInput(decoder.decodeHere(encoded(geometries), geometries), Map.of()));
    }
    return inputs;
  }

  private byte[] encoded(List<Geometry> geometries) throws InterruptedException {
    int number = next++;
    return switch (source) {
      case Source.Memory(List<byte[]> images) -> images.get(number % images.size());
      case Source.Fetched(ImageFetcher fetcher, List<String> addresses) -> {
        ImageTask task = task(addresses.get(number % addresses.size()));
        // One image at a time: what it reserves of the budget need not outlive the fetch.
        try (FetchedImage fetched =
            fetcher.fetch(task, ImageDecoder.renditionBytes(geometries), NOBODY_LOOKS)) {
          yield fetched.bytes();
        }
      }
    };
  }

  private ImageTask task(String address) {
    return new ImageTask(
        new Position("bare-loop", 0, 0, 0),
        "bare-loop",
        new ImageSource.Remote(address),
        new Integrity.Unchecked(),
        new ModelSelector(model.name(), new ModelSelector.Version.Serving()),
        Map.of(),
        new Deadline.None(),
        Map.of(),
        Instant.EPOCH,
        new Attempt.First());
  }

  private static long allocatedBytes() {
    return ManagementFactory.getThreadMXBean() instanceof com.sun.management.ThreadMXBean threads
        ? threads.getCurrentThreadAllocatedBytes()
        : 0;
  }
}

package dev.sluice.worker.inference;

import ai.onnxruntime.OrtException;
import dev.sluice.worker.model.DecodedImage;
import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.Geometry;
import dev.sluice.worker.model.ImageInfo;
import dev.sluice.worker.model.ModelSelector;
import dev.sluice.worker.model.Pixels;
import dev.sluice.worker.model.Placement;
import dev.sluice.worker.model.TaskException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What a model's lanes do, fed from memory, against what its sessions do on their own: images a
 * second of both, and the processor time that one image takes, for each number of lanes and each
 * batch size, in turns within one run. Both use one thread for each lane. On a busy machine only
 * the processor time says something. The lanes' share is what normalising, reading the outputs and
 * making answers cost; decoding images and waiting for batches are no part of either.
 *
 * <pre>{@code
 * java -cp 'worker/target/classes:worker/target/lib/*' dev.sluice.worker.inference.LaneBench \
 *     --repository models --model signs --device cuda:0 --lanes 1,2,4 --batch 1,2,4,8,16,32,64
 * }</pre>
 */
@Command(name = "lane-bench", sortOptions = false, usageHelpAutoWidth = true)
public final class LaneBench implements Callable<Integer> {
  @Option(names = "--repository", paramLabel = "DIR", required = true)
  private Path repository = Path.of("models");

  @Option(names = "--model", paramLabel = "NAME", required = true)
  private String model = "";

  @Option(names = "--device", paramLabel = "DEVICE", defaultValue = "cpu")
  private String device = "cpu";

  @Option(names = "--lanes", paramLabel = "N", split = ",", defaultValue = "1,2")
  private List<Integer> lanes = List.of();

  @Option(names = "--batch", paramLabel = "N", split = ",", defaultValue = "1,2,4,8")
  private List<Integer> batches = List.of();

  @Option(names = "--rounds", paramLabel = "N", defaultValue = "5")
  private int rounds;

  @Option(names = "--millis", paramLabel = "N", defaultValue = "1000", description = "Of one turn.")
  private int millis;

  /** Prints a table and ends. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new LaneBench()).execute(arguments));
  }

  /** One thread's work: a batch. */
  private interface Step extends AutoCloseable {
    void run() throws OrtException;

    @Override
    default void close() {}
  }

  /** Makes the step of each thread. */
  private interface Side {
    Step step(int lane, int batch) throws OrtException;
  }

  @Override
  public Integer call() throws OrtException, InterruptedException, ExecutionException {
    RepositorySettings unset = RepositorySettings.defaults();
    RepositorySettings settings =
        new RepositorySettings(
            device,
            new Instances.Fixed(Collections.max(lanes)),
            new MaxBatchSize.Fixed(Collections.max(batches)),
            List.of(),
            unset.maxQueueDelay(),
            Duration.ofMinutes(10));
    try (ModelRepository models = ModelRepository.open(repository, settings)) {
      ServedModel served =
          models.find(new ModelSelector(model, new ModelSelector.Version.Serving()));
      System.out.printf(
          "%s on %s, %d processors; images/s, median of %d turns of %d ms%n",
          served, device, Runtime.getRuntime().availableProcessors(), rounds, millis);
      System.out.println("             images/s                    processor time, us/image");
      System.out.println("lanes batch  session    lanes   ratio    session    lanes    ratio");
      for (int count : lanes) {
        for (int batch : batches) {
          compare(served, count, batch);
        }
      }
      return 0;
    } catch (ModelConfigurationException | TaskException refused) {
      System.err.println(refused.getMessage());
      return 2;
    }
  }

  private void compare(ServedModel served, int count, int batch)
      throws OrtException, InterruptedException, ExecutionException {
    if (batch > served.maxBatchSize() || count > served.lanes().size()) {
      System.out.printf("%5d %6d  model.yaml or the graph do not allow it%n", count, batch);
      return;
    }
    List<InferenceInput> images = images(served.task(), batch);
    Side alone =
        (lane, size) -> {
          RawRun raw = served.newRawRun(lane, size, height(served.task()), width(served.task()));
          return new Step() {
            @Override
            public void run() throws OrtException {
              raw.run();
            }

            @Override
            public void close() {
              raw.close();
            }
          };
        };
    Side through = (lane, size) -> () -> served.lanes().get(lane).infer(images);
    List<Turn> rawTurns = new ArrayList<>();
    List<Turn> laneTurns = new ArrayList<>();
    Turn _ = turn(alone, count, batch);
    Turn _ = turn(through, count, batch);
    for (int round = 0; round < rounds; round++) {
      rawTurns.add(turn(alone, count, batch));
      laneTurns.add(turn(through, count, batch));
    }
    double raw = median(rawTurns, Turn::rate);
    double ours = median(laneTurns, Turn::rate);
    double rawTime = median(rawTurns, Turn::processorMicros);
    double ourTime = median(laneTurns, Turn::processorMicros);
    System.out.printf(
        "%5d %5d %8.1f %8.1f %7.3f %10.1f %8.1f %8.3f%n",
        count, batch, raw, ours, ours / raw, rawTime, ourTime, ourTime / rawTime);
  }

  /** What all threads did together: images a second, and microseconds of an image. */
  private record Turn(double rate, double processorMicros) {}

  /** What one thread did. */
  private record Done(long batches, long nanos, long processorNanos) {}

  private Turn turn(Side side, int count, int batch)
      throws OrtException, InterruptedException, ExecutionException {
    List<Step> steps = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(count)) {
      for (int lane = 0; lane < count; lane++) {
        steps.add(side.step(lane, batch));
      }
      List<Future<Done>> running =
          steps.stream().map(step -> threads.submit(() -> repeat(step))).toList();
      double rate = 0;
      long images = 0;
      long processorNanos = 0;
      for (Future<Done> future : running) {
        Done done = future.get();
        rate += done.batches() * batch * 1e9 / done.nanos();
        images += done.batches() * batch;
        processorNanos += done.processorNanos();
      }
      return new Turn(rate, processorNanos / 1e3 / images);
    } finally {
      steps.forEach(Step::close);
    }
  }

  private Done repeat(Step step) throws OrtException {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long processor = threads.getCurrentThreadCpuTime();
    long start = System.nanoTime();
    long took;
    long batches = 0;
    do {
      step.run();
      batches++;
      took = System.nanoTime() - start;
    } while (took < millis * 1_000_000L);
    return new Done(batches, took, threads.getCurrentThreadCpuTime() - processor);
  }

  private static double median(List<Turn> turns, ToDoubleFunction<Turn> value) {
    return turns.stream().mapToDouble(value).sorted().toArray()[turns.size() / 2];
  }

  private static List<InferenceInput> images(ModelTask task, int count) {
    SplittableRandom random = new SplittableRandom(1);
    List<InferenceInput> images = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] rgb = new byte[width(task) * height(task) * 3];
      random.nextBytes(rgb);
      Pixels pixels = new Pixels(width(task), height(task), rgb, new Placement(0, 0, 1, 1));
      images.add(
          new InferenceInput(
              new DecodedImage(new ImageInfo(width(task), height(task), "png", 1), List.of(pixels)),
              Map.of()));
    }
    return images;
  }

  private static int width(ModelTask task) {
    return switch (only(task)) {
      case Geometry.Stretch(int width, int height) -> width;
      case Geometry.CenterCrop(int shorterSide, int width, int height) -> width;
      case Geometry.Letterbox(int width, int height, int fill) -> width;
      case Geometry.Within(int longerSide, int multiple) -> longerSide;
    };
  }

  private static int height(ModelTask task) {
    return switch (only(task)) {
      case Geometry.Stretch(int width, int height) -> height;
      case Geometry.CenterCrop(int shorterSide, int width, int height) -> height;
      case Geometry.Letterbox(int width, int height, int fill) -> height;
      case Geometry.Within(int longerSide, int multiple) -> longerSide;
    };
  }

  private static Geometry only(ModelTask task) {
    if (task.geometries().size() != 1) {
      throw new TaskException(
          ErrorCode.INVALID_REQUEST, "only for models that want one rendition of each image");
    }
    return task.geometries().getFirst();
  }
}

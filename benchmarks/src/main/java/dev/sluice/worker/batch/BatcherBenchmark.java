package dev.sluice.worker.batch;

import dev.sluice.worker.model.Deadline;
import dev.sluice.worker.model.DeviceException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * From submit to output, for each item, on a device that does nothing: so many virtual threads,
 * each of which submits one item after the other. The other side is what one would write without a
 * batcher: a queue, a thread that drains it, a future for each item.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class BatcherBenchmark {
  private static final int ITEMS = 8_192;
  private static final int MAX_BATCH_SIZE = 32;
  private static final Deadline FAR = new Deadline.At(Instant.MAX);

  @Param({"1", "8", "64", "1024"})
  int submitters;

  private Batcher<Integer, Integer> batcher;
  private Drained drained;

  @Setup(Level.Iteration)
  public void start() {
    batcher =
        new Batcher<>(
            new BatchSettings(
                "benchmark",
                new BatchPolicy(MAX_BATCH_SIZE, List.of(), Duration.ZERO),
                new BatchSizing.Fixed(),
                2_000,
                Duration.ofMinutes(1)),
            List.of(batch -> batch),
            new Unobserved(),
            InstantSource.system(),
            System::nanoTime);
    drained = new Drained();
  }

  @TearDown(Level.Iteration)
  public void end() throws InterruptedException {
    batcher.close(Duration.ofSeconds(10));
    drained.thread.interrupt();
    drained.thread.join();
  }

  @Benchmark
  @OperationsPerInvocation(ITEMS)
  public void batcher() throws Exception {
    submit(() -> batcher.submit(1).output());
  }

  @Benchmark
  @OperationsPerInvocation(ITEMS)
  public void batcherWithDeadlines() throws Exception {
    submit(() -> batcher.submit(1, FAR).output());
  }

  @Benchmark
  @OperationsPerInvocation(ITEMS)
  public void queueAndFutures() throws Exception {
    submit(() -> drained.submit(1));
  }

  private void submit(Callable<Integer> item) throws InterruptedException, ExecutionException {
    List<FutureTask<Integer>> tasks = new ArrayList<>();
    for (int submitter = 0; submitter < submitters; submitter++) {
      FutureTask<Integer> task =
          new FutureTask<>(() -> {
            int sum = 0;
            for (int i = 0; i < ITEMS / submitters; i++) {
              sum += item.call();
            }
            return sum;
          });
      tasks.add(task);
      Thread.startVirtualThread(task);
    }
    for (FutureTask<Integer> task : tasks) {
      if (task.get() != ITEMS / submitters) {
        throw new IllegalStateException("an output is missing");
      }
    }
  }

  /** No deadlines, no order of who waits for room, no culprits, nothing to watch. */
  private static final class Drained {
    private final BlockingQueue<Item> queue = new LinkedBlockingQueue<>();
    private final Thread thread = Thread.ofPlatform().daemon().start(this::loop);

    private record Item(Integer value, CompletableFuture<Integer> output) {}

    Integer submit(Integer value) throws InterruptedException, ExecutionException {
      Item item = new Item(value, new CompletableFuture<>());
      queue.put(item);
      return item.output.get();
    }

    private void loop() {
      List<Item> batch = new ArrayList<>();
      try {
        while (true) {
          batch.add(queue.take());
          queue.drainTo(batch, MAX_BATCH_SIZE - 1);
          batch.forEach(item -> item.output.complete(item.value));
          batch.clear();
        }
      } catch (InterruptedException _) {
        // The benchmark is over.
      }
    }
  }

  private static final class Unobserved implements LaneObserver {
    @Override
    public void outOfMemory(String lane, int batchSize, int limit, DeviceException reason) {}

    @Override
    public void wedged(String lane, int batchSize, Duration running) {}

    @Override
    public void cameBack(String lane, Duration took) {}

    @Override
    public void died(String lane, Throwable cause) {}

    @Override
    public void hopeless(String batcher) {}
  }
}

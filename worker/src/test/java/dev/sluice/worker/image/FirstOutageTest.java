package dev.sluice.worker.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.worker.model.Attempt;
import dev.sluice.worker.model.Deadline;
import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.Parking;
import dev.sluice.worker.model.TaskException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The first outage that a process sees, in a process of its own: what is loaded for it then makes
 * compiled code invalid in which threads wait, and a JVM with JDK-8389310 goes on in that code.
 */
class FirstOutageTest {
  private static final int WAITING = 100;

  @Test
  void whoWaitedForTheOriginAsItWentDownWaitsOn(@TempDir Path folder) throws Exception {
    Path said = folder.resolve("said");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xbatch",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                FirstOutage.class.getName())
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    boolean hasEnded = process.waitFor(60, TimeUnit.SECONDS);
    process.destroyForcibly();

    assertThat(hasEnded).as(Files.readString(said)).isTrue();
    assertThat(said).content().contains("settled: true, 0 failed otherwise");
  }

  /** The other process. */
  static final class FirstOutage {
    /** Until all that an attempt runs through is compiled. */
    private static final int ATTEMPTS = 20_000;

    private final SteppedTime time = new SteppedTime();
    private final Origins origins =
        new Origins(
            new FetchSettings.Limits(
                1, Duration.ofMinutes(1), Duration.ofMinutes(1), 0, WAITING, WAITING, WAITING),
            new FetchSettings.Breaker(10, 5, 50, Duration.ofMinutes(1), Duration.ofHours(1), 3),
            time,
            time);

    public static void main(String[] arguments) throws InterruptedException {
      new FirstOutage().run();
      System.exit(0); // Those that wait would wait for ever.
    }

    private void run() throws InterruptedException {
      for (int i = 0; i < ATTEMPTS; i++) {
        boolean fails = i % 10 == 0;
        attempt(
            new CountDownLatch(0),
            () -> {
              if (fails) {
                throw unavailable();
              }
            });
      }
      Semaphore hanging = new Semaphore(0);
      CountDownLatch parked = new CountDownLatch(WAITING);
      CountDownLatch settled = new CountDownLatch(WAITING);
      AtomicInteger failed = new AtomicInteger();
      for (int i = 0; i < WAITING; i++) {
        Thread.startVirtualThread(() -> {
          try {
            attempt(
                settled,
                () -> {
                  parked.countDown();
                  hanging.acquireUninterruptibly();
                  throw unavailable();
                });
          } catch (InterruptedException | RuntimeException | Error e) {
            if (failed.incrementAndGet() == 1) {
              e.printStackTrace(System.out);
            }
          }
          settled.countDown();
        });
      }
      parked.await();
      hanging.release(WAITING);
      boolean isSettled = settled.await(20, TimeUnit.SECONDS);
      System.out.printf("settled: %s, %d failed otherwise%n", isSettled, failed.get());
    }

    private void attempt(CountDownLatch waits, Runnable request) throws InterruptedException {
      Parking parking =
          new Parking() {
            @Override
            public void entered(String dependency) {
              waits.countDown();
            }

            @Override
            public void left() {}
          };
      TimeLimit limit = TimeLimit.start(Duration.ofMinutes(1), new Deadline.None(), time);
      Fetch fetch = new Fetch(limit, parking, Duration.ofHours(1), new Attempt.First());
      try {
        Origins.Fetched _ =
            origins.attempt(
                "http://images",
                fetch,
                _ -> {
                  request.run();
                  return () -> {};
                });
      } catch (TaskException e) {
        if (e.code() != ErrorCode.IMAGE_UNAVAILABLE) {
          throw e;
        }
      }
    }

    private static TaskException unavailable() {
      return new TaskException(ErrorCode.IMAGE_UNAVAILABLE, "no answer");
    }
  }
}

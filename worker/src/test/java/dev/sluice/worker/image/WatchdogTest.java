package dev.sluice.worker.image;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.worker.model.Deadline;
import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.TaskException;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(20)
class WatchdogTest {
  private final Watchdog watchdog = new Watchdog();

  @AfterEach
  void close() {
    watchdog.close();
  }

  /** Whatever the reading makes of being cut, the time was over. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatIsCutHasExpired(boolean state) {
    CountDownLatch cut = new CountDownLatch(1);

    assertThatThrownBy(() ->
            watchdog.guard(
                limit(Duration.ofMillis(20)),
                () -> "reading",
                cut::countDown,
                () -> {
                  awaitUninterrupted(cut);
                  if (state) {
                    throw new IllegalStateException("Endpoint not acquired / already released");
                  }
                  throw new IOException("closed");
                }))
        .asInstanceOf(InstanceOfAssertFactories.type(TaskException.class))
        .returns(ErrorCode.IMAGE_UNAVAILABLE, TaskException::code);
  }

  @Test
  void whatGoesWrongInTimeIsNoExpiry() {
    assertThatThrownBy(() ->
            watchdog.guard(
                limit(Duration.ofMinutes(1)),
                () -> "reading",
                () -> {},
                () -> {
                  throw new IllegalStateException("a mistake");
                }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("a mistake");
  }

  private static TimeLimit limit(Duration timeout) {
    return TimeLimit.start(timeout, new Deadline.None(), InstantSource.system());
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalArgumentException("nobody interrupts", e);
    }
  }
}

package dev.sluice.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class MeanwhileTest {
  @Test
  void runsBesideWhoBeganIt() throws InterruptedException {
    CountDownLatch goOn = new CountDownLatch(1);
    try (Meanwhile<String> meanwhile =
        Meanwhile.begin(
            "beside",
            () -> {
              goOn.await();
              return Thread.currentThread().getName();
            })) {
      goOn.countDown();
      assertThat(meanwhile.await()).isEqualTo("beside");
      assertThat(meanwhile.await()).isEqualTo("beside");
    }
  }

  @Test
  void throwsWhatTheWorkThrew() {
    IllegalArgumentException unchecked = new IllegalArgumentException("no");
    AssertionError error = new AssertionError("worse");
    try (Meanwhile<String> failed =
            Meanwhile.begin(
                "failing",
                () -> {
                  throw unchecked;
                });
        Meanwhile<String> broken =
            Meanwhile.begin(
                "breaking",
                () -> {
                  throw error;
                })) {
      assertThatThrownBy(failed::await).isSameAs(unchecked);
      assertThatThrownBy(broken::await).isSameAs(error);
    }
  }

  @Test
  void closingInterruptsIt() throws InterruptedException {
    CountDownLatch never = new CountDownLatch(1);
    CountDownLatch begun = new CountDownLatch(1);
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    Meanwhile<Boolean> meanwhile =
        Meanwhile.begin(
            "waiting",
            () -> {
              begun.countDown();
              try {
                never.await();
                return interrupted.complete(false);
              } catch (InterruptedException e) {
                interrupted.complete(true);
                throw e;
              }
            });
    begun.await();
    meanwhile.close();
    assertThat(interrupted.join()).isTrue();
    assertThatThrownBy(meanwhile::await).isInstanceOf(CancellationException.class);
  }
}

package dev.sluice.worker.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sluice.worker.model.ByteBudget.Reservation;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ByteBudgetTest {
  private final ByteBudget budget = new ByteBudget(10);
  private final List<String> done = new CopyOnWriteArrayList<>();

  @Test
  void givesBackWhatIsShrunkAndClosedOnce() throws InterruptedException {
    Reservation first = budget.reserve(8);
    first.shrinkTo(3);
    first.shrinkTo(5);
    assertThat(budget.inUse()).isEqualTo(3);
    first.close();
    first.close();
    assertThat(budget.inUse()).isZero();
  }

  @Test
  void letsInWhatIsLargerThanTheWholeWhenItIsAlone() throws InterruptedException {
    try (Reservation large = budget.reserve(50)) {
      assertThat(budget.inUse()).isEqualTo(50);
      assertThatThrownBy(() -> budget.reserve(1, Duration.ofMillis(1)))
          .isInstanceOf(TimeoutException.class);
      assertThat(large).isNotNull();
    }
    assertThat(budget.inUse()).isZero();
  }

  @Test
  void aSmallOneDoesNotOvertakeALargeOneThatWaits() throws InterruptedException {
    Reservation held = budget.reserve(6);
    Thread large = waiting("large", 10);
    Thread small = waiting("small", 1);

    held.close();

    large.join();
    small.join();
    assertThat(done).containsExactly("large", "small");
  }

  @Test
  void whoGivesUpHoldsNothingAndNobodyUp() throws InterruptedException {
    Reservation held = budget.reserve(6);
    Thread large = waiting("large", 10);
    Thread small = waiting("small", 1);

    large.interrupt();

    small.join();
    assertThat(done).containsExactly("small");
    assertThat(budget.inUse()).isEqualTo(7);
    held.close();
    assertThat(budget.inUse()).isEqualTo(1);
  }

  /** A thread that waits for its turn by the time this returns. */
  private Thread waiting(String name, long bytes) {
    Thread thread =
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              try {
                Reservation reserved = budget.reserve(bytes);
                done.add(name);
                if (name.equals("large")) {
                  reserved.close();
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    await().until(() -> thread.getState() == Thread.State.TIMED_WAITING);
    return thread;
  }
}

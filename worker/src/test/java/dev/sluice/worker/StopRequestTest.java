package dev.sluice.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A request to stop interrupts a start, and never a drain. */
class StopRequestTest {
  private final StopRequest stop = StopRequest.interrupting(Thread.currentThread());

  @AfterEach
  void leaveNoInterrupt() {
    Thread.interrupted();
  }

  @Test
  void interruptsTheStart() {
    assertThat(stop.made().isDone()).isFalse();

    stop.make();

    assertThat(Thread.interrupted()).isTrue();
    assertThat(stop.made().isDone()).isTrue();
  }

  @Test
  void interruptsTheStartOnce() {
    stop.make();
    Thread.interrupted();

    stop.make();

    assertThat(Thread.interrupted()).isFalse();
  }

  @Test
  void anInterruptThatTheStartHasNotMetIsNotLeftToTheDrain() {
    stop.make();

    stop.interruptNoMore();

    assertThat(Thread.interrupted()).isFalse();
    assertThat(stop.made().isDone()).isTrue();
  }

  @Test
  void doesNotInterruptTheDrain() {
    stop.interruptNoMore();

    stop.make();

    assertThat(Thread.interrupted()).isFalse();
    assertThat(stop.made().isDone()).isTrue();
  }
}

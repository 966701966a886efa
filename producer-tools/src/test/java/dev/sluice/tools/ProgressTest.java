package dev.sluice.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private final AtomicLong clock = new AtomicLong();
  private final StringWriter err = new StringWriter();

  @Test
  void onATerminalTheBarIsDrawnOverAndErased() {
    Progress progress = new Progress(new PrintWriter(err), true, clock::get);
    progress.begin("sent", 200);
    progress.update(1, 0);
    assertThat(err.toString()).isEmpty();
    pass(Duration.ofSeconds(1));
    progress.update(100, 2);
    assertThat(err.toString())
        .isEqualTo(
            "\r\u001b[K["
                + "#".repeat(15)
                + ".".repeat(15)
                + "] 100 of 200 sent, 100.0/s, 2 failed");
    progress.remark("a\u001b[31mremark\n");
    assertThat(err.toString()).endsWith("2 failed\r\u001b[Ka?[31mremark\n");
  }

  @Test
  void elsewhereALineIsPrintedAfterTwoSecondsAndThenEveryFive() {
    Progress progress = new Progress(new PrintWriter(err), false, clock::get);
    progress.begin("sent", 100);
    for (int second = 1; second <= 11; second++) {
      pass(Duration.ofSeconds(1));
      progress.update(second * 2L, 0);
    }
    progress.end();
    assertThat(err.toString().lines())
        .containsExactly("4 of 100 sent, 2.0/s", "14 of 100 sent, 2.0/s");
  }

  @Test
  void nothingToDoIsNotADivisionByZero() {
    Progress progress = new Progress(new PrintWriter(err), true, clock::get);
    progress.begin("sent", 0);
    pass(Duration.ofSeconds(1));
    progress.update(0, 0);
    assertThat(err.toString()).contains("0 of 0");
  }

  private void pass(Duration time) {
    clock.addAndGet(time.toNanos());
  }
}

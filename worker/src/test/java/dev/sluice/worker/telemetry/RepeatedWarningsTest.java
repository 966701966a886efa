package dev.sluice.worker.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.junit.jupiter.api.Test;

class RepeatedWarningsTest {
  private static final String CLIENT = "org.apache.kafka.clients.NetworkClient";

  private long now = Long.MAX_VALUE - 1_000; // The origin of nanoseconds is anywhere.
  private final LoggerContext context = new LoggerContext();
  private final ListAppender<ILoggingEvent> appender = new ListAppender<>();

  RepeatedWarningsTest() {
    context.addTurboFilter(new RepeatedWarnings(() -> now));
    appender.setContext(context);
    appender.start();
    Logger root = context.getLogger("ROOT");
    root.setLevel(Level.INFO);
    root.addAppender(appender);
  }

  @Test
  void theFirstOfAKindIsLoggedAndItsRepetitionsAreNot() {
    for (int i = 0; i < 500; i++) {
      warn("Connection to node " + (i % 3) + " (127.0.0.1:" + (9092 + i) + ") failed");
      warn("Bootstrap broker 127.0.0.1:9092 disconnected");
    }

    assertThat(messages())
        .containsExactly(
            "Connection to node 0 (127.0.0.1:9092) failed",
            "Bootstrap broker 127.0.0.1:9092 disconnected");
  }

  @Test
  void anotherIsLoggedAfterAMinuteAndSaysHowManyWereNot() {
    warn("failed 1");
    now += RepeatedWarnings.INTERVAL.toNanos() - 1;
    warn("failed 2");
    now += 1;
    warn("failed 3");
    warn("failed 4");

    assertThat(messages())
        .containsExactly(
            "failed 1", "1 warnings like the next one were left out since the last", "failed 3");
  }

  @Test
  void errorsAndEverybodyElsesWarningsAreAllLogged() {
    for (int i = 0; i < 3; i++) {
      context.getLogger(CLIENT).error("it broke");
      context.getLogger("dev.sluice.worker.Worker").warn("a send failed");
    }

    assertThat(messages()).hasSize(6);
  }

  @Test
  void kindsBeyondThoseRememberedAreLogged() {
    for (int i = 0; i < 1_000; i++) {
      warn("x".repeat(i));
    }

    assertThat(messages()).hasSize(1_000);
  }

  private void warn(String message) {
    context.getLogger(CLIENT).warn(message);
  }

  private List<String> messages() {
    return appender.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }
}

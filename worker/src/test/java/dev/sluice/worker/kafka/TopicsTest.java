package dev.sluice.worker.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopicsTest {
  private static final List<Duration> LADDER =
      List.of(Duration.ofSeconds(10), Duration.ofMinutes(1));

  @ParameterizedTest
  @CsvSource({
    "PT10S, 10s",
    "PT1M, 1m",
    "PT60S, 1m",
    "PT10M, 10m",
    "PT90S, 90s",
    "PT1H, 1h",
    "PT24H, 1d",
    "PT0.25S, 250ms",
    "PT1.5S, 1500ms",
    "PT0.0015S, 1500us",
    "PT0.000000001S, 1ns"
  })
  void aRetryTopicIsNamedAfterItsDelay(Duration delay, String text) {
    assertThat(Topics.retryTopic("requests", delay)).isEqualTo("requests-retry-" + text);
  }

  @Test
  void eachTopicOfRequestsHasItsOwnLadder() {
    Topics topics = new Topics(List.of("a", "b"), "results", "dlt", LADDER);
    assertThat(topics.read())
        .containsExactly("a", "b", "a-retry-10s", "a-retry-1m", "b-retry-10s", "b-retry-1m");
    assertThat(topics.all()).hasSize(8).contains("results", "dlt");
    assertThat(topics.source("b-retry-1m"))
        .isEqualTo(new Topics.Source.Retries("b", 1, Duration.ofMinutes(1)));
    assertThat(topics.source("b")).isEqualTo(new Topics.Source.Requests());
  }

  @Test
  void whatIsReadIsNotWritten() {
    assertThatThrownBy(() -> new Topics(List.of("a"), "a-retry-10s", "dlt", LADDER))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Topics(List.of("a"), "results", "a", LADDER))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Topics(List.of("a", "a-retry-1m"), "results", "dlt", LADDER))
        .as("the requests of one would be the retries of the other")
        .isInstanceOf(IllegalArgumentException.class);
  }
}

package dev.sluice.worker.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.worker.ledger.PartitionId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class SoundingsTest {
  private static final Instant START = Instant.parse("2026-11-20T10:00:00Z");
  private static final PartitionId PARTITION = new PartitionId("requests", 3);

  private final List<CompletableFuture<Map<PartitionId, Long>>> asked = new ArrayList<>();
  private final Soundings.Brokers brokers =
      new Soundings.Brokers() {
        @Override
        public CompletableFuture<Map<PartitionId, Long>> ends(Collection<PartitionId> partitions) {
          assertThat(partitions).containsExactly(PARTITION);
          CompletableFuture<Map<PartitionId, Long>> answer = new CompletableFuture<>();
          asked.add(answer);
          return answer;
        }

        @Override
        public void close() {}
      };
  // Nanoseconds have no origin: they may be about to overflow.
  private final long begin = Long.MAX_VALUE - 1_000;
  private final Soundings soundings = new Soundings(brokers, begin, START);

  private void stepAt(Duration since) {
    soundings.step(begin + since.toNanos(), START.plus(since), () -> List.of(PARTITION));
  }

  @Test
  void theyAreAskedAtOnceAndThenNowAndThenButNeverTwiceAtATime() {
    stepAt(Duration.ZERO);
    assertThat(asked).hasSize(1);
    stepAt(Duration.ofSeconds(20));
    assertThat(asked).as("not answered yet").hasSize(1);

    asked.getFirst().complete(Map.of(PARTITION, 70L));
    stepAt(Duration.ofSeconds(21));
    assertThat(asked).hasSize(2);
    asked.getLast().complete(Map.of(PARTITION, 90L));
    stepAt(Duration.ofSeconds(21).plusMillis(1_999));
    assertThat(asked).hasSize(2);
    assertThat(soundings.end(PARTITION)).hasValue(90);
    stepAt(Duration.ofSeconds(23));
    assertThat(asked).hasSize(3);
  }

  @Test
  void whatNobodyAnswersLeavesTheLastAnswerWhereItWas() {
    assertThat(soundings.lastAnswer()).isEqualTo(START);
    assertThat(soundings.end(PARTITION)).isEmpty();
    stepAt(Duration.ZERO);
    asked.getLast().complete(Map.of(PARTITION, 70L));
    stepAt(Duration.ofSeconds(5));
    Instant answered = START.plusSeconds(5);
    assertThat(soundings.lastAnswer()).isEqualTo(answered);

    asked.getLast().completeExceptionally(new TimeoutException("nobody"));
    stepAt(Duration.ofSeconds(10));
    stepAt(Duration.ofSeconds(14));

    assertThat(soundings.lastAnswer()).isEqualTo(answered);
    assertThat(soundings.end(PARTITION)).hasValue(70);
    asked.getLast().complete(Map.of());
    stepAt(Duration.ofSeconds(15));
    assertThat(soundings.lastAnswer()).isEqualTo(START.plusSeconds(15));
    assertThat(soundings.end(PARTITION)).as("held no more, or without a leader").isEmpty();
  }
}

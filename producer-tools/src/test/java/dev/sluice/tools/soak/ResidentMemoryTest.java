package dev.sluice.tools.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResidentMemoryTest {
  @Test
  void eachThirdHasItsMedianAndOnlyTheFirstWorkerCounts() {
    List<ResidentMemory.Sample> samples = new ArrayList<>();
    long[] first = {1, 9, 2, 5, 5, 90, 6, 30, 20, 40};
    for (int i = 0; i < first.length; i++) {
      samples.add(new ResidentMemory.Sample(Duration.ofSeconds(i), 1, first[i]));
      samples.add(new ResidentMemory.Sample(Duration.ofSeconds(i), 2, 1_000_000));
    }

    assertThat(ResidentMemory.of(samples)).isEqualTo(new ResidentMemory(2, 6, 30));
    assertThat(ResidentMemory.of(samples).thirds()).containsExactly(2L, 6L, 30L);
  }

  @Test
  void tooFewSamplesSayNothing() {
    List<ResidentMemory.Sample> samples =
        List.of(
            new ResidentMemory.Sample(Duration.ZERO, 1, 5),
            new ResidentMemory.Sample(Duration.ZERO, 2, 5),
            new ResidentMemory.Sample(Duration.ofSeconds(5), 1, 5));

    assertThat(ResidentMemory.of(samples).isKnown()).isFalse();
    assertThat(ResidentMemory.of(samples).thirds()).isEmpty();
  }
}

package dev.sluice.worker.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestNameTest {
  private static final List<String> KNOWN = List.of("max_batch_size", "labels", "mean");

  @Test
  void guessesWhatWasMeant() {
    assertThat(NearestName.of("maxBatchSize", KNOWN)).contains("max_batch_size");
    assertThat(NearestName.of("label", KNOWN)).contains("labels");
    assertThat(NearestName.of("maen", KNOWN)).isEmpty();
    assertThat(NearestName.of("meen", KNOWN)).contains("mean");
  }

  @Test
  void doesNotGuessWildly() {
    assertThat(NearestName.of("quantization", KNOWN)).isEmpty();
    assertThat(NearestName.of("", KNOWN)).isEmpty();
    assertThat(NearestName.of("x", List.of())).isEmpty();
    assertThat(NearestName.hint("quantization", KNOWN)).isEmpty();
  }
}

package dev.sluice.worker.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

  @Test
  void ofTwoAsNearAlwaysTheSame() {
    assertThat(NearestName.of("labelz", List.of("labely", "labelx"))).contains("labelx");
  }

  @ParameterizedTest
  @CsvSource({"kitten,sitting,3", "'',abc,3", "abc,'',3", "abc,abc,0", "abc,acb,2"})
  void measuresHowFarNamesAreApart(String from, String to, int distance) {
    assertThat(NearestName.distance(from, to)).isEqualTo(distance);
  }
}

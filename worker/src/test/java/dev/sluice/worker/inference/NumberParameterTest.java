package dev.sluice.worker.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.model.TaskException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NumberParameterTest {
  private static final NumberParameter THRESHOLD = NumberParameter.fraction("threshold", 0.25);
  private static final NumberParameter COUNT = NumberParameter.count("top_k", 1, 1000, 5);
  private static final List<NumberParameter> KNOWN = List.of(THRESHOLD, COUNT);

  @Test
  void readsItsValue() {
    assertThat(THRESHOLD.in(Map.of("threshold", "0"))).isZero();
    assertThat(THRESHOLD.in(Map.of("threshold", "1"))).isOne();
    assertThat(THRESHOLD.in(Map.of("threshold", ".5"))).isEqualTo(0.5);
    assertThat(COUNT.in(Map.of("top_k", "1000"))).isEqualTo(1000);
  }

  @Test
  void isItsDefaultWhenTheRequestDoesNotSay() {
    assertThat(THRESHOLD.in(Map.of("top_k", "3"))).isEqualTo(0.25);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "high", "1.01", "-0.1", "NaN", "Infinity", "1e400", "0,5", "0x1"})
  void refusesWhatIsOutOfRange(String value) {
    assertThatExceptionOfType(TaskException.class)
        .isThrownBy(() -> NumberParameter.validate(Map.of("threshold", value), KNOWN))
        .withMessage(
            "parameter threshold is '%s'; allowed is a number from 0.0 to 1.0".formatted(value))
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "1001", "2.5", "many"})
  void refusesWhatIsNoCount(String value) {
    assertThatExceptionOfType(TaskException.class)
        .isThrownBy(() -> NumberParameter.validate(Map.of("top_k", value), KNOWN))
        .withMessage(
            "parameter top_k is '%s'; allowed is a whole number from 1 to 1000".formatted(value));
  }

  @Test
  void refusesWhatItDoesNotKnow() {
    assertThatExceptionOfType(TaskException.class)
        .isThrownBy(() -> NumberParameter.validate(Map.of("treshold", "0.5"), KNOWN))
        .withMessage("parameter 'treshold' is not known to this model; known are: threshold, top_k")
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_REQUEST));
  }

  @Test
  void quotesNoMoreThanABit() {
    assertThatExceptionOfType(TaskException.class)
        .isThrownBy(() -> NumberParameter.validate(Map.of("threshold", "9".repeat(1 << 20)), KNOWN))
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(200));
  }
}

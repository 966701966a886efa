package dev.sluice.tools.submit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SubmitCommandTest {

  @Test
  void sizesAreReadWithTheirUnits() {
    assertThat(SubmitCommand.bytes("900KiB")).isEqualTo(921_600);
    assertThat(SubmitCommand.bytes("12")).isEqualTo(12);
    assertThatThrownBy(() -> SubmitCommand.bytes("1MB")).hasMessageContaining("900KiB");
  }
}

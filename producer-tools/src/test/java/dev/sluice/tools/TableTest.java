package dev.sluice.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class TableTest {

  @Test
  void numbersAreRightAlignedAndTextLeft() {
    Table table =
        new Table(
            List.of("topic", "partitions", "note"),
            List.of(List.of("inference-requests", "4", ""), List.of("dlt", "16", "ok")));

    assertThat(table.lines())
        .containsExactly(
            "topic               partitions  note", //
            "inference-requests           4",
            "dlt                         16  ok");
  }

  @Test
  void whatATerminalWouldObeyIsRemoved() {
    Table table = new Table(List.of("message"), List.of(List.of("a\u001b[2Jb\nc\u202ed")));

    assertThat(table.lines()).containsExactly("message", "a?[2Jb c?d");
  }

  @Test
  void anEmptyTableIsItsHead() {
    assertThat(new Table(List.of("a", "b"), List.of()).lines()).containsExactly("a  b");
  }

  @Test
  void aRowOfAnotherLengthIsRefused() {
    assertThatThrownBy(() -> new Table(List.of("a", "b"), List.of(List.of("1"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 cells in a table of 2 columns");
  }

  @Test
  void longTextIsCutToItsWidth() {
    assertThat(Text.shortened("abcdef", 6)).isEqualTo("abcdef");
    assertThat(Text.shortened("abcdefg", 6)).isEqualTo("abcde…");
    assertThat(Text.shortened("\uD83D\uDE00\uD83D\uDE00\uD83D\uDE00", 2))
        .isEqualTo("\uD83D\uDE00…");
  }
}

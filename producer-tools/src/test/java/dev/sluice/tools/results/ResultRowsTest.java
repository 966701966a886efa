package dev.sluice.tools.results;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.v1.Box;
import dev.sluice.v1.Detections;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ResultRowsTest {

  @Test
  void thePhotographAndItsTimesStandInTheFirstRowOnly() {
    List<List<String>> rows = new ArrayList<>();
    rows.addAll(ResultRows.of("sign.jpg", Results.succeeded("a", "", Results.text("STOP", "GO"))));
    rows.addAll(ResultRows.of("bad.jpg", Results.failed("b", "", "IMAGE_CORRUPT", "truncated")));
    rows.addAll(ResultRows.of("blank.jpg", Results.succeeded("c", "", Results.text())));
    rows.add(ResultRows.missing("late.jpg"));

    assertThat(String.join("\n", ResultRows.table(rows).lines()))
        .isEqualTo(
            """
            PHOTOGRAPH  STATUS     READ OR SEEN              SCORE  QUEUED  FETCH  DECODE  BATCH WAIT  INFERENCE  BATCH
            sign.jpg    SUCCEEDED  STOP                       0.98     1.5    2.3      30         0.5        120      4
                                   GO                         0.98
            bad.jpg     FAILED     IMAGE_CORRUPT: truncated      -     1.5    2.3      30         0.5        120      0
            blank.jpg   SUCCEEDED  (nothing)                     -     1.5    2.3      30         0.5        120      4
            late.jpg    NO RESULT\
            """);
  }

  @Test
  void textFromOutsideCannotTalkToTheTerminalOrFillTheScreen() {
    var result =
        Results.succeeded(
            "a",
            "",
            Results.text(IntStream.range(0, 50).mapToObj(i -> "l" + i).toArray(String[]::new)));
    assertThat(ResultRows.of("a", result)).hasSize(21);
    assertThat(ResultRows.of("a", result).getLast()).contains("... and 30 more");

    var hostile = Results.succeeded("a", "", Results.text("\u001b]0;x\u0007" + "y".repeat(500)));
    String cell = ResultRows.of("a", hostile).getFirst().get(2);
    assertThat(cell).startsWith("?]0;x?y").hasSize(60).endsWith("…");
    String name = ResultRows.of("/a/".repeat(50) + "end.jpg", hostile).getFirst().getFirst();
    assertThat(name).startsWith("…").endsWith("end.jpg").hasSize(40);
  }

  @Test
  void aLongErrorIsBrokenBetweenWordsAndEndsSomewhere() {
    var result = Results.failed("a", "", "IMAGE_UNAVAILABLE", "some words ".repeat(100));
    List<List<String>> rows = ResultRows.of("a", result);
    assertThat(rows).hasSize(4).allSatisfy(row -> assertThat(row.get(2)).hasSizeLessThan(61));
    assertThat(rows.getFirst().get(2))
        .isEqualTo("IMAGE_UNAVAILABLE: some words some words some words some");
    assertThat(rows.get(1).get(2)).startsWith("words some");
    var oneWord = Results.failed("a", "", "INTERNAL", "\ud83d\ude00".repeat(300));
    assertThat(ResultRows.of("a", oneWord)).hasSize(4);
  }

  @Test
  void boxesAreFindingsToo() {
    var result =
        Results.succeeded(
            "a", "", new Detections(List.of(new Box(16, "dog", 0.925f, 1f, 2f, 30f, 40f))));
    assertThat(Finding.in(result))
        .singleElement()
        .satisfies(finding -> {
          assertThat(finding.text()).isEqualTo("dog");
          assertThat(finding.outline())
              .containsExactly(
                  new Finding.Corner(1, 2),
                  new Finding.Corner(30, 2),
                  new Finding.Corner(30, 40),
                  new Finding.Corner(1, 40));
        });
  }
}

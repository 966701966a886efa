package dev.sluice.tools.results;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.v1.InferenceResult;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ResultJoinTest {

  @Test
  void theFirstResultCountsAndStrangersDoNot() {
    ResultJoin join = new ResultJoin();
    assertThat(join.expect("a", "a.jpg")).isTrue();
    assertThat(join.expect("a", "again.jpg")).isFalse();
    assertThat(join.expect("b", "b.jpg")).isTrue();
    InferenceResult first = result("a");

    assertThat(join.accept(result("stranger"))).isFalse();
    assertThat(join.accept(first)).isTrue();
    assertThat(join.accept(result("a"))).isFalse();

    assertThat(join.missing()).isEqualTo(1);
    assertThat(join.duplicates()).isEqualTo(1);
    assertThat(join.all().getFirst().name()).isEqualTo("a.jpg");
    assertThat(join.all().getFirst().result().orElseThrow()).isSameAs(first);
    join.forget("b");
    join.forget("b");
    assertThat(join.missing()).isZero();
    assertThat(join.all()).hasSize(1);
  }

  /** Against a plain model: whatever the order of sends, results and failures. */
  @Test
  void missingIsWhatWasExpectedAndNeitherAnsweredNorForgotten() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      ResultJoin join = new ResultJoin();
      List<String> ids = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        ids.add("r" + random.nextInt(6));
      }
      Set<String> expected = new HashSet<>();
      Set<String> answered = new HashSet<>();
      for (String id : ids) {
        switch (random.nextInt(3)) {
          case 0 -> assertThat(join.expect(id, id)).isEqualTo(expected.add(id));
          case 1 -> {
            boolean first = expected.contains(id) && answered.add(id);
            assertThat(join.accept(result(id))).as("seed %d", seed).isEqualTo(first);
          }
          default -> {
            join.forget(id);
            expected.remove(id);
            answered.remove(id);
          }
        }
        Set<String> open = new HashSet<>(expected);
        open.removeAll(answered);
        assertThat(join.missing()).as("seed %d", seed).isEqualTo(open.size());
      }
      assertThat(join.all().stream().map(ResultJoin.Expected::requestId))
          .containsExactlyInAnyOrderElementsOf(expected);
    }
  }

  private static InferenceResult result(String id) {
    return Results.succeeded(id, id + ".jpg", null);
  }
}

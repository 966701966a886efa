package dev.sluice.tools.results;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.v1.InferenceResult;
import dev.sluice.v1.Status;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ResultFilterTest {
  private final InferenceResult good = Results.succeeded("a", "a.jpg", null);
  private final InferenceResult bad = Results.failed("b", "b.jpg", "IMAGE_CORRUPT", "truncated");
  private final InferenceResult unresolved =
      InferenceResult.newBuilder(bad).setModel(null).setRequestId("c").build();

  @Test
  void nothingSaidMeansAll() {
    assertThat(new ResultFilter(Set.of(), Set.of(), Set.of())).accepts(good, bad, unresolved);
  }

  @Test
  void everyConditionMustHold() {
    assertThat(new ResultFilter(Set.of(Status.FAILED), Set.of(), Set.of()))
        .accepts(bad, unresolved)
        .rejects(good);
    assertThat(new ResultFilter(Set.of(), Set.of("ppocr", "x"), Set.of()))
        .accepts(good, bad)
        .rejects(unresolved);
    assertThat(new ResultFilter(Set.of(), Set.of(), Set.of("c"))).accepts(unresolved).rejects(good);
    assertThat(new ResultFilter(Set.of(Status.FAILED), Set.of("ppocr"), Set.of("c")))
        .rejects(good, bad, unresolved);
  }
}

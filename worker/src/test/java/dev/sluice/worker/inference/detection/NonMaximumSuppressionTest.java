package dev.sluice.worker.inference.detection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.worker.inference.Seeds;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NonMaximumSuppressionTest {
  @Test
  void keepsWhatTheDefinitionKeeps() {
    Seeds.each(
        1000,
        random -> {
          Candidates candidates = random(random, random.nextInt(60), 3);
          float threshold = random.nextFloat();
          int maximum = random.nextInt(1, 40);

          List<Integer> order =
              new ArrayList<>(IntStream.range(0, candidates.size()).boxed().toList());
          order.sort(Comparator.comparingDouble(index -> -candidates.score(index)));
          List<Integer> expected = new ArrayList<>();
          for (int index : order) {
            if (expected.size() < maximum
                && expected.stream()
                    .noneMatch(better ->
                        candidates.classIndex(better) == candidates.classIndex(index)
                            && overlap(candidates, better, index) > threshold)) {
              expected.add(index);
            }
          }

          assertThat(NonMaximumSuppression.keep(candidates, threshold, maximum))
              .containsExactly(expected.stream().mapToInt(Integer::intValue).toArray());
        });
  }

  @Test
  void boxesOfDifferentClassesStay() {
    Candidates candidates = new Candidates();
    candidates.add(0, 0, 10, 10, 0.5f, 1);
    candidates.add(0, 0, 10, 10, 0.9f, 0);
    candidates.add(0, 0, 10, 9, 0.8f, 0);
    assertThat(NonMaximumSuppression.keep(candidates, 0.45f, 10)).containsExactly(1, 0);
    assertThat(NonMaximumSuppression.keep(candidates, 1, 10)).containsExactly(1, 2, 0);
  }

  @Test
  void boxesThatOnlyTouchStay() {
    Candidates candidates = new Candidates();
    candidates.add(0, 0, 10, 10, 0.5f, 0);
    candidates.add(10, 0, 20, 10, 0.5f, 0);
    assertThat(NonMaximumSuppression.keep(candidates, 0, 10)).containsExactly(0, 1);
  }

  @Test
  void aDetectorGoneWildEndsSoon() {
    Candidates candidates = random(new SplittableRandom(1), 200_000, 1);
    assertThat(NonMaximumSuppression.keep(candidates, 1, 1000)).hasSize(1000);
    assertThat(NonMaximumSuppression.keep(candidates, 0, 1000)).hasSizeLessThan(1000);
  }

  private static double overlap(Candidates candidates, int a, int b) {
    float width =
        Math.min(candidates.xMax(a), candidates.xMax(b))
            - Math.max(candidates.xMin(a), candidates.xMin(b));
    float height =
        Math.min(candidates.yMax(a), candidates.yMax(b))
            - Math.max(candidates.yMin(a), candidates.yMin(b));
    float shared = Math.max(width, 0) * Math.max(height, 0);
    return shared / (area(candidates, a) + area(candidates, b) - shared);
  }

  private static float area(Candidates candidates, int index) {
    return (candidates.xMax(index) - candidates.xMin(index))
        * (candidates.yMax(index) - candidates.yMin(index));
  }

  private static Candidates random(SplittableRandom random, int count, int classes) {
    Candidates candidates = new Candidates();
    for (int i = 0; i < count; i++) {
      // Whole numbers and few of them, so that boxes and scores are often the same.
      float x = random.nextInt(20);
      float y = random.nextInt(20);
      candidates.add(
          x,
          y,
          x + random.nextInt(1, 20),
          y + random.nextInt(1, 20),
          random.nextInt(11) / 10f,
          random.nextInt(classes));
    }
    return candidates;
  }
}

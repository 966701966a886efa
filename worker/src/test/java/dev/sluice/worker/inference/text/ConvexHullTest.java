package dev.sluice.worker.inference.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.worker.inference.Seeds;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ConvexHullTest {
  @Test
  void aPixelIsASquare() {
    ConvexHull hull = ConvexHull.ofRows(7, new int[] {3, 3}, new int[] {4, 4});
    assertThat(hull.x()).containsExactly(4, 4, 3, 3);
    assertThat(hull.y()).containsExactly(7, 8, 8, 7);
  }

  @Test
  void turnsClockwiseAtEveryCornerAndLeavesNothingOutside() {
    Seeds.each(
        500,
        random -> {
          int top = random.nextInt(100);
          int[] left = new int[random.nextInt(2, 40)];
          int[] right = new int[left.length];
          for (int i = 0; i < left.length; i++) {
            left[i] = random.nextInt(50);
            right[i] = left[i] + random.nextInt(1, 50);
          }

          ConvexHull hull = ConvexHull.ofRows(top, left, right);

          for (int i = 0; i < hull.size(); i++) {
            int next = (i + 1) % hull.size();
            int afterNext = (i + 2) % hull.size();
            assertThat(side(hull, i, next, hull.x()[afterNext], hull.y()[afterNext])).isPositive();
            int row = (int) hull.y()[i] - top;
            assertThat(hull.x()[i]).isIn((double) left[row], (double) right[row]);
            for (int j = 0; j < left.length; j++) {
              assertThat(side(hull, i, next, left[j], top + j) >= 0).isTrue();
              assertThat(side(hull, i, next, right[j], top + j) >= 0).isTrue();
            }
          }
        });
  }

  /** Positive when the point lies to the right of the way from one corner to another. */
  private static double side(ConvexHull hull, int from, int to, double x, double y) {
    return (hull.x()[to] - hull.x()[from]) * (y - hull.y()[from])
        - (hull.y()[to] - hull.y()[from]) * (x - hull.x()[from]);
  }

  static ConvexHull random(SplittableRandom random) {
    int[] left = new int[random.nextInt(2, 60)];
    int[] right = new int[left.length];
    for (int i = 0; i < left.length; i++) {
      left[i] = random.nextInt(200);
      right[i] = left[i] + random.nextInt(1, 100);
    }
    return ConvexHull.ofRows(random.nextInt(100), left, right);
  }
}

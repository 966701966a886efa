package dev.sluice.worker.inference.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.worker.inference.Seeds;
import java.nio.FloatBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RegionFinderTest {
  private static final float THRESHOLD = 0.3f;

  @Test
  void findsWhatAFloodFillFinds() {
    Seeds.each(
        1000,
        random -> {
          ProbabilityMap map = randomMap(random);

          List<ConvexHull> found = RegionFinder.find(map, THRESHOLD, Integer.MAX_VALUE);

          assertThat(found.stream().map(RegionFinderTest::text).toList())
              .containsExactlyInAnyOrderElementsOf(
                  floodFill(map).stream().map(Region::hull).map(RegionFinderTest::text).toList());
        });
  }

  @Test
  void keepsTheLargest() {
    Seeds.each(
        200,
        random -> {
          ProbabilityMap map = randomMap(random);
          List<Region> all = new ArrayList<>(floodFill(map));
          all.sort((a, b) -> Integer.compare(b.pixels.size(), a.pixels.size()));
          int maximum = random.nextInt(1, 5);
          if (all.size() <= maximum
              || all.get(maximum - 1).pixels.size() == all.get(maximum).pixels.size()) {
            return; // nothing is left out, or which is depends on the order
          }

          List<ConvexHull> found = RegionFinder.find(map, THRESHOLD, maximum);

          assertThat(found.stream().map(RegionFinderTest::text).toList())
              .containsExactlyInAnyOrderElementsOf(
                  all.subList(0, maximum).stream()
                      .map(Region::hull)
                      .map(RegionFinderTest::text)
                      .toList());
        });
  }

  @Test
  void findsNothingInWhatIsNoNumber() {
    float[] values = new float[12];
    Arrays.fill(values, Float.NaN);
    assertThat(
            RegionFinder.find(new ProbabilityMap(FloatBuffer.wrap(values), 0, 4, 3), THRESHOLD, 10))
        .isEmpty();
  }

  @Test
  void cornersTouch() {
    float[] values = {
      0, 1, 0,
      1, 0, 1,
    };
    assertThat(
            RegionFinder.find(new ProbabilityMap(FloatBuffer.wrap(values), 0, 3, 2), THRESHOLD, 10))
        .hasSize(1);
  }

  private static ProbabilityMap randomMap(SplittableRandom random) {
    int width = random.nextInt(1, 40);
    int height = random.nextInt(1, 40);
    int offset = random.nextInt(3);
    double density = random.nextDouble();
    float[] values = new float[offset + width * height];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextDouble() < density ? random.nextFloat(0.31f, 1) : 0.3f;
    }
    return new ProbabilityMap(FloatBuffer.wrap(values), offset, width, height);
  }

  private static List<Region> floodFill(ProbabilityMap map) {
    boolean[][] seen = new boolean[map.height()][map.width()];
    List<Region> regions = new ArrayList<>();
    for (int y = 0; y < map.height(); y++) {
      for (int x = 0; x < map.width(); x++) {
        if (!seen[y][x] && map.above(THRESHOLD, x, y)) {
          regions.add(fill(map, seen, x, y));
        }
      }
    }
    return regions;
  }

  private static Region fill(ProbabilityMap map, boolean[][] seen, int x, int y) {
    Region region = new Region(new ArrayList<>());
    Deque<int[]> todo = new ArrayDeque<>();
    seen[y][x] = true;
    todo.push(new int[] {x, y});
    while (!todo.isEmpty()) {
      int[] pixel = todo.pop();
      region.pixels.add(pixel);
      for (int ny = Math.max(pixel[1] - 1, 0); ny < Math.min(pixel[1] + 2, map.height()); ny++) {
        for (int nx = Math.max(pixel[0] - 1, 0); nx < Math.min(pixel[0] + 2, map.width()); nx++) {
          if (!seen[ny][nx] && map.above(THRESHOLD, nx, ny)) {
            seen[ny][nx] = true;
            todo.push(new int[] {nx, ny});
          }
        }
      }
    }
    return region;
  }

  private record Region(List<int[]> pixels) {
    ConvexHull hull() {
      int top = pixels.stream().mapToInt(pixel -> pixel[1]).min().orElseThrow();
      int bottom = pixels.stream().mapToInt(pixel -> pixel[1]).max().orElseThrow();
      int[] left = new int[bottom - top + 2];
      int[] right = new int[left.length];
      Arrays.fill(left, Integer.MAX_VALUE);
      for (int[] pixel : pixels) {
        for (int edge = pixel[1] - top; edge <= pixel[1] - top + 1; edge++) {
          left[edge] = Math.min(left[edge], pixel[0]);
          right[edge] = Math.max(right[edge], pixel[0] + 1);
        }
      }
      return ConvexHull.ofRows(top, left, right);
    }
  }

  private static String text(ConvexHull hull) {
    return Arrays.toString(hull.x()) + Arrays.toString(hull.y());
  }
}

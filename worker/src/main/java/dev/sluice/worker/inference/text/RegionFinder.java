package dev.sluice.worker.inference.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Finds the connected regions of a map: pixels that touch at a side or a corner belong together.
 * One pass over the pixels collects the runs of each row, and a union-find over the runs joins
 * those that touch, so that the work grows with the pixels whatever shapes they make.
 */
final class RegionFinder {
  private final ProbabilityMap map;

  // The runs, in order of row and then of column: row, first column, column after the last.
  private int[] rows = new int[256];
  private int[] starts = new int[256];
  private int[] ends = new int[256];
  private int[] parents = new int[256];
  private int runs;

  private RegionFinder(ProbabilityMap map, float threshold) {
    this.map = map;
    int previous = 0;
    for (int row = 0; row < map.height(); row++) {
      int current = runs;
      collect(row, threshold);
      join(previous, current);
      previous = current;
    }
  }

  /**
   * The hulls of the regions above the threshold, those with the most pixels first. A hull runs
   * around the pixels' outer edges: a single pixel's is a square of side 1.
   *
   * @param maximum how many at most; the ones with the fewest pixels are left out
   */
  static List<ConvexHull> find(ProbabilityMap map, float threshold, int maximum) {
    return new RegionFinder(map, threshold).hulls(maximum);
  }

  private void collect(int row, float threshold) {
    int width = map.width();
    int column = 0;
    while (column < width) {
      while (column < width && !map.above(threshold, column, row)) {
        column++;
      }
      if (column == width) {
        return;
      }
      int start = column;
      while (column < width && map.above(threshold, column, row)) {
        column++;
      }
      add(row, start, column);
    }
  }

  private void add(int row, int start, int end) {
    if (runs == rows.length) {
      int length = runs * 2;
      rows = Arrays.copyOf(rows, length);
      starts = Arrays.copyOf(starts, length);
      ends = Arrays.copyOf(ends, length);
      parents = Arrays.copyOf(parents, length);
    }
    rows[runs] = row;
    starts[runs] = start;
    ends[runs] = end;
    parents[runs] = runs;
    runs++;
  }

  /** Joins the runs from {@code current} on with those of the row above that they touch. */
  private void join(int previous, int current) {
    int above = previous;
    for (int run = current; run < runs; run++) {
      while (above < current && ends[above] < starts[run]) {
        above++;
      }
      // The last one that touches may also touch the next run of this row, so it is not passed.
      for (int other = above; other < current && starts[other] <= ends[run]; other++) {
        union(other, run);
      }
    }
  }

  private void union(int a, int b) {
    int rootA = root(a);
    int rootB = root(b);
    // The smaller index becomes the root, so a region's root is its first run.
    parents[Math.max(rootA, rootB)] = Math.min(rootA, rootB);
  }

  private int root(int run) {
    int at = run;
    while (parents[at] != at) {
      parents[at] = parents[parents[at]];
      at = parents[at];
    }
    return at;
  }

  private List<ConvexHull> hulls(int maximum) {
    int[] regionOfRoot = new int[runs];
    List<Region> regions = new ArrayList<>();
    for (int run = 0; run < runs; run++) {
      int root = root(run);
      if (root == run) {
        regionOfRoot[run] = regions.size();
        regions.add(new Region());
      }
      regions.get(regionOfRoot[root]).add(run);
    }
    regions.sort(Comparator.comparingLong((Region region) -> region.pixels).reversed());
    return regions.stream().limit(maximum).map(Region::hull).toList();
  }

  /** The runs of one region; used by the finding thread only. */
  private final class Region {
    private int[] members = new int[4];
    private int count;
    private long pixels;

    void add(int run) {
      if (count == members.length) {
        members = Arrays.copyOf(members, count * 2);
      }
      members[count++] = run;
      pixels += ends[run] - starts[run];
    }

    ConvexHull hull() {
      int top = rows[members[0]];
      int height = rows[members[count - 1]] - top + 1;
      // Edges, not pixels: a row of pixels reaches from its upper edge to its lower one.
      int[] left = new int[height + 1];
      int[] right = new int[height + 1];
      Arrays.fill(left, Integer.MAX_VALUE);
      Arrays.fill(right, Integer.MIN_VALUE);
      for (int i = 0; i < count; i++) {
        int run = members[i];
        for (int edge = rows[run] - top; edge <= rows[run] - top + 1; edge++) {
          left[edge] = Math.min(left[edge], starts[run]);
          right[edge] = Math.max(right[edge], ends[run]);
        }
      }
      return ConvexHull.ofRows(top, left, right);
    }
  }
}

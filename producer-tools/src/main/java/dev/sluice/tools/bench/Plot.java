package dev.sluice.tools.bench;

import java.util.List;

/**
 * Figures for a picture. Immutable.
 *
 * @param scenario which scenario measured them
 * @param kind how they are drawn
 * @param x what runs along the bottom, with its unit
 * @param y what runs up the side, with its unit
 */
record Plot(String scenario, String title, Kind kind, String x, String y, List<Series> series) {
  Plot {
    series = List.copyOf(series);
  }

  enum Kind {
    /** A line for each series, over numbers. */
    LINES,
    /** A bar for each point, over names or numbers. */
    BARS,
    /** As bars, those of one point on top of each other. */
    STACKED_BARS
  }

  /** Points of one kind. */
  record Series(String name, List<Point> points) {
    Series {
      points = List.copyOf(points);
    }
  }

  /**
   * One point.
   *
   * @param name of the point where x is no number; else empty
   */
  record Point(double x, String name, double y) {
    static Point at(double x, double y) {
      return new Point(x, "", y);
    }

    static Point named(String name, double y) {
      return new Point(0, name, y);
    }
  }
}

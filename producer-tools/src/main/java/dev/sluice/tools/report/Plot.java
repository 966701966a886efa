package dev.sluice.tools.report;

import java.util.List;

/**
 * Figures for a picture. Immutable.
 *
 * @param scenario what measured them; stands beside the title
 * @param kind how they are drawn
 * @param x what runs along the bottom, with its unit
 * @param y what runs up the side, with its unit
 */
public record Plot(
    String scenario, String title, Kind kind, String x, String y, List<Series> series) {
  public Plot {
    series = List.copyOf(series);
  }

  /** How it is drawn. */
  public enum Kind {
    /** A line for each series, over numbers. */
    LINES,
    /** A bar for each point, over names or numbers. */
    BARS,
    /** As bars, those of one point on top of each other. */
    STACKED_BARS
  }

  /** Points of one kind. */
  public record Series(String name, List<Point> points) {
    public Series {
      points = List.copyOf(points);
    }
  }

  /**
   * One point.
   *
   * @param name of the point where x is no number; else empty
   */
  public record Point(double x, String name, double y) {
    /** At a number. */
    public static Point at(double x, double y) {
      return new Point(x, "", y);
    }

    /** At a name. */
    public static Point named(String name, double y) {
      return new Point(0, name, y);
    }
  }
}

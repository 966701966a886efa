package dev.sluice.tools.report;

import dev.sluice.tools.Text;
import java.util.List;
import java.util.Locale;

/**
 * Draws a {@link Plot} as SVG within a page, whose style sheet gives the colours. Neither needs a
 * font on the machine that writes it, which servers often lack. Pure.
 */
public final class Chart {
  private static final double WIDTH = 560;
  private static final double HEIGHT = 300;
  private static final double LEFT = 64;
  private static final double RIGHT = 16;
  private static final double TOP = 12;
  private static final double BOTTOM = 46;

  /** Of the horizontal bars. */
  private static final double NAMES = 170;

  private static final double BAR = 26;
  private static final double GAP = 14;

  private final Html html;
  private final Plot plot;

  private Chart(Html html, Plot plot) {
    this.html = html;
    this.plot = plot;
  }

  /** Writes the picture with its title and legend. */
  public static void draw(Html html, Plot plot) {
    html.open("figure", "class", "plot");
    html.open("figcaption").element("b", plot.title());
    html.element("span", plot.scenario(), "class", "meta").close();
    if (plot.series().size() > 1) {
      html.open("p", "class", "legend");
      for (int i = 0; i < plot.series().size(); i++) {
        html.open("span").open("i", "class", "s" + i).close();
        html.text(plot.series().get(i).name()).close();
      }
      html.close();
    }
    Chart chart = new Chart(html, plot);
    switch (plot.kind()) {
      case LINES -> chart.lines();
      case BARS -> chart.bars();
      case STACKED_BARS -> chart.stackedBars();
    }
    html.close().line();
  }

  private void lines() {
    Ticks x = Ticks.upTo(greatest(Plot.Point::x));
    Ticks y = Ticks.upTo(greatest(Plot.Point::y));
    begin(HEIGHT);
    grid(y);
    for (double mark : x.marks()) {
      text(across(mark / x.end()), HEIGHT - BOTTOM + 18, "middle", x.label(mark));
    }
    text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, "middle", plot.x());
    for (int i = 0; i < plot.series().size(); i++) {
      StringBuilder points = new StringBuilder();
      List<Plot.Point> all = plot.series().get(i).points();
      for (Plot.Point point : all) {
        points
            .append(number(across(point.x() / x.end())))
            .append(',')
            .append(number(up(point.y() / y.end())))
            .append(' ');
      }
      html.open("polyline", "class", "l" + i, "points", points.toString()).close();
      if (all.size() <= 20) {
        for (Plot.Point point : all) {
          html.open(
                  "circle",
                  "class",
                  "s" + i,
                  "cx",
                  number(across(point.x() / x.end())),
                  "cy",
                  number(up(point.y() / y.end())),
                  "r",
                  "3.5")
              .element("title", "%s: %s".formatted(plot.series().get(i).name(), value(point)))
              .close();
        }
      }
    }
    html.close();
  }

  /** One series. */
  private void bars() {
    Ticks y = Ticks.upTo(greatest(Plot.Point::y));
    List<Plot.Point> points = plot.series().getFirst().points();
    begin(HEIGHT);
    grid(y);
    for (int i = 0; i < points.size(); i++) {
      double middle = across((i + 0.5) / points.size());
      double width = Math.min(48, 0.7 * (WIDTH - LEFT - RIGHT) / points.size());
      double top = up(points.get(i).y() / y.end());
      html.open(
              "rect",
              "class",
              "s0",
              "x",
              number(middle - width / 2),
              "y",
              number(top),
              "width",
              number(width),
              "height",
              number(HEIGHT - BOTTOM - top))
          .element("title", "%s: %s".formatted(points.get(i).name(), value(points.get(i))))
          .close();
      text(middle, HEIGHT - BOTTOM + 18, "middle", points.get(i).name());
    }
    text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, "middle", plot.x());
    html.close();
  }

  /** A row for each name, its parts one after the other. */
  private void stackedBars() {
    List<String> names =
        plot.series().stream()
            .flatMap(series -> series.points().stream())
            .map(Plot.Point::name)
            .distinct()
            .toList();
    Ticks x = Ticks.upTo(names.stream().mapToDouble(name -> total(name)).max().orElse(1));
    double height = TOP + names.size() * (BAR + GAP) + BOTTOM;
    double scale = (WIDTH - NAMES - RIGHT) / x.end();
    begin(height);
    for (double mark : x.marks()) {
      double at = NAMES + mark * scale;
      line(at, TOP, at, height - BOTTOM);
      text(at, height - BOTTOM + 18, "middle", x.label(mark));
    }
    text((NAMES + WIDTH - RIGHT) / 2, height - 8, "middle", plot.y());
    for (int row = 0; row < names.size(); row++) {
      double top = TOP + row * (BAR + GAP) + GAP / 2;
      text(NAMES - 8, top + BAR / 2 + 4, "end", names.get(row));
      double left = NAMES;
      for (int i = 0; i < plot.series().size(); i++) {
        double part = of(plot.series().get(i), names.get(row));
        html.open(
                "rect",
                "class",
                "s" + i,
                "x",
                number(left),
                "y",
                number(top),
                "width",
                number(part * scale),
                "height",
                number(BAR))
            .element(
                "title",
                "%s: %s %s".formatted(plot.series().get(i).name(), Text.number(part), plot.y()))
            .close();
        left += part * scale;
      }
      // Beside the bar, unless that leaves the picture.
      if (left < WIDTH - RIGHT - 40) {
        text(left + 6, top + BAR / 2 + 4, "start", Text.number(total(names.get(row))));
      }
    }
    html.close();
  }

  private double total(String name) {
    return plot.series().stream().mapToDouble(series -> of(series, name)).sum();
  }

  private static double of(Plot.Series series, String name) {
    return series.points().stream()
        .filter(point -> point.name().equals(name))
        .mapToDouble(Plot.Point::y)
        .sum();
  }

  private void begin(double height) {
    html.open(
        "svg",
        "viewBox",
        "0 0 %s %s".formatted(number(WIDTH), number(height)),
        "role",
        "img",
        "aria-label",
        plot.title());
  }

  private void grid(Ticks y) {
    for (double mark : y.marks()) {
      double at = up(mark / y.end());
      line(LEFT, at, WIDTH - RIGHT, at);
      text(LEFT - 8, at + 4, "end", y.label(mark));
    }
    html.element(
        "text",
        plot.y(),
        "text-anchor",
        "middle",
        "transform",
        "translate(14 %s) rotate(-90)".formatted(number((TOP + HEIGHT - BOTTOM) / 2)));
  }

  private void line(double x1, double y1, double x2, double y2) {
    html.open("line", "x1", number(x1), "y1", number(y1), "x2", number(x2), "y2", number(y2))
        .close();
  }

  private void text(double x, double y, String anchor, String text) {
    html.element("text", text, "x", number(x), "y", number(y), "text-anchor", anchor);
  }

  private double greatest(java.util.function.ToDoubleFunction<Plot.Point> value) {
    return plot.series().stream()
        .flatMap(series -> series.points().stream())
        .mapToDouble(value)
        .filter(Double::isFinite)
        .max()
        .orElse(1);
  }

  private String value(Plot.Point point) {
    return point.name().isEmpty()
        ? "%s %s at %s %s"
            .formatted(Text.number(point.y()), plot.y(), Text.number(point.x()), plot.x())
        : "%s %s".formatted(Text.number(point.y()), plot.y());
  }

  private static double across(double share) {
    return LEFT + share * (WIDTH - LEFT - RIGHT);
  }

  private static double up(double share) {
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}

package dev.sluice.tools.bench;

import dev.sluice.tools.report.Chart;
import dev.sluice.tools.report.Html;
import dev.sluice.tools.report.Page;
import dev.sluice.tools.report.Plot;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The report as one HTML page that needs nothing else. Pure. */
final class BenchPage {
  private static final DateTimeFormatter WHEN =
      DateTimeFormatter.ofPattern("d MMMM yyyy, HH:mm 'UTC'", Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);

  private BenchPage() {}

  static String render(Instant when, Machine machine, long seed, List<Row> rows, List<Plot> plots) {
    return Page.FIGURES.render(
        "Sluice bench",
        html -> {
          html.element("h1", "What the worker reaches of what the hardware gives");
          html.element("p", WHEN.format(when) + ", seed " + seed, "class", "meta");
          html.element("p", machine.text(), "class", "meta").line();
          table(html, rows);
          html.element("h2", "Pictures").open("div", "class", "plots");
          together(plots).forEach(plot -> Chart.draw(html, plot));
          html.close().line();
          details(html, rows);
        });
  }

  private static void table(Html html, List<Row> rows) {
    html.open("div", "class", "scroll").open("table").open("thead").open("tr");
    Row.heads().forEach(head -> html.element("th", head));
    html.close().close().open("tbody");
    for (Row row : rows) {
      html.open("tr");
      List<String> cells = row.cells();
      for (String cell : cells.subList(0, cells.size() - 1)) {
        html.element("td", cell);
      }
      html.element("td", cells.getLast(), "class", row.reached() ? "good" : "bad").close();
    }
    html.close().close().close().line();
    html.element(
        "p",
        "Medians over the rounds, and the least and the greatest value. Both sides of a row are of"
            + " this run: measured in turns, or two parts of the same minutes.",
        "class",
        "meta");
  }

  private static void details(Html html, List<Row> rows) {
    html.element("h2", "Facts");
    for (Row row : rows) {
      if (!row.facts().isEmpty()) {
        html.open("details").element("summary", row.scenario() + ": " + row.what());
        html.open("ul");
        row.remarks().forEach(remark -> html.element("li", remark));
        html.close().close().line();
      }
    }
  }

  /** Bars that show the same of several scenarios stand in one picture. */
  private static List<Plot> together(List<Plot> plots) {
    List<Plot> result = new ArrayList<>();
    Map<String, List<Plot>> stacked = new LinkedHashMap<>();
    for (Plot plot : plots) {
      if (plot.kind() == Plot.Kind.STACKED_BARS) {
        stacked.computeIfAbsent(plot.title(), _ -> new ArrayList<>()).add(plot);
      } else {
        result.add(plot);
      }
    }
    stacked.values().forEach(same -> result.addFirst(merged(same)));
    return result;
  }

  private static Plot merged(List<Plot> plots) {
    Map<String, List<Plot.Point>> series = new LinkedHashMap<>();
    for (Plot plot : plots) {
      for (Plot.Series each : plot.series()) {
        series.computeIfAbsent(each.name(), _ -> new ArrayList<>()).addAll(each.points());
      }
    }
    Plot first = plots.getFirst();
    return new Plot(
        "",
        first.title(),
        first.kind(),
        first.x(),
        first.y(),
        series.entrySet().stream()
            .map(each -> new Plot.Series(each.getKey(), each.getValue()))
            .toList());
  }
}

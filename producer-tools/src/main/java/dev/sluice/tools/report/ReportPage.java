package dev.sluice.tools.report;

import dev.sluice.tools.Text;
import dev.sluice.tools.picture.Photograph;
import dev.sluice.tools.results.Finding;
import dev.sluice.v1.InferenceResult;
import dev.sluice.v1.Status;
import dev.sluice.v1.Timings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;

/**
 * A set of results as one HTML page that needs nothing else: style, pictures and drawings are
 * inside, no script, and a policy in the page forbids the browser to load anything. Outlines are
 * drawn over the photographs as SVG, so they are sharp at any size; numbers lead to what was found.
 * All text of results is hostile (it comes from images) and is escaped by {@link Html}. Pure.
 */
public final class ReportPage {
  /** The longer side of a photograph in the page: sharp enough, and some 150 KB each. */
  public static final int PICTURE_SIDE = 1000;

  private static final int MAX_FINDINGS = 60;
  private static final int MAX_TEXT = 300;
  private static final DateTimeFormatter WHEN =
      DateTimeFormatter.ofPattern("d MMMM yyyy, HH:mm 'UTC'", Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);

  private static final List<Stage> STAGES =
      List.of(
          new Stage("queued", "queued", Timings::getQueued),
          new Stage("fetch", "fetch", Timings::getFetch),
          new Stage("decode", "decode", Timings::getDecode),
          new Stage("batch-wait", "batch wait", Timings::getBatchWait),
          new Stage("inference", "inference", Timings::getInference));

  private final String title;
  private final Instant when;
  private final Duration took;
  private final List<ReportEntry> entries;
  private final List<String> missing;
  private final Html html;

  private ReportPage(
      Html html,
      String title,
      Instant when,
      Duration took,
      List<ReportEntry> entries,
      List<String> missing) {
    this.html = html;
    this.title = title;
    this.when = when;
    this.took = took;
    this.entries = entries;
    this.missing = missing;
  }

  /** A part of the time between a request and its result. */
  private record Stage(String style, String title, ToDoubleFunction<Timings> milliseconds) {}

  /**
   * Renders the page.
   *
   * @param took from the first request until the last result
   * @param missing names of images whose results have not come
   */
  public static String render(
      String title, Instant when, Duration took, List<ReportEntry> entries, List<String> missing) {
    return Page.PHOTOGRAPHS.render(
        title,
        html ->
            new ReportPage(html, title, when, took, List.copyOf(entries), List.copyOf(missing))
                .body());
  }

  private void body() {
    header();
    List<ReportEntry> succeeded = with(Status.SUCCEEDED, true);
    if (!succeeded.isEmpty()) {
      html.element("h2", "Photographs");
      legend();
      succeeded.forEach(this::card);
    }
    failures(with(Status.SUCCEEDED, false));
    timings(succeeded);
  }

  private List<ReportEntry> with(Status status, boolean same) {
    return entries.stream().filter(e -> (e.result().getStatus() == status) == same).toList();
  }

  private void header() {
    html.open("header").element("h1", title);
    TreeSet<String> models = new TreeSet<>();
    for (ReportEntry entry : with(Status.SUCCEEDED, true)) {
      models.add(entry.result().getModel() + " version " + entry.result().getModelVersion());
    }
    html.element(
        "p",
        WHEN.format(when) + (models.isEmpty() ? "" : ", model " + String.join(", ", models)),
        "class",
        "meta");
    html.open("dl", "class", "totals");
    total("requests", String.valueOf(entries.size() + missing.size()), "");
    total("succeeded", String.valueOf(count(Status.SUCCEEDED)), "good");
    total("failed", String.valueOf(count(Status.FAILED)), count(Status.FAILED) > 0 ? "bad" : "");
    if (count(Status.EXPIRED) > 0) {
      total("expired", String.valueOf(count(Status.EXPIRED)), "bad");
    }
    if (!missing.isEmpty()) {
      total("without a result", String.valueOf(missing.size()), "bad");
    }
    total(
        "found",
        String.valueOf(entries.stream().mapToInt(e -> Finding.in(e.result()).size()).sum()),
        "");
    total("in all", String.format(Locale.ROOT, "%.1f s", took.toMillis() / 1000.0), "");
    html.close().close().line();
  }

  private long count(Status status) {
    return entries.stream().filter(entry -> entry.result().getStatus() == status).count();
  }

  private void total(String name, String value, String style) {
    html.open("div", "class", style).element("dt", name).element("dd", value).close();
  }

  private void legend() {
    html.open("p", "class", "legend").text("Where the time went:");
    for (Stage stage : STAGES) {
      html.open("span").open("i", "class", stage.style()).close().text(stage.title()).close();
    }
    html.close().line();
  }

  private void card(ReportEntry entry) {
    InferenceResult result = entry.result();
    List<Finding> findings = Finding.in(result);
    List<Finding> shown = findings.subList(0, Math.min(findings.size(), MAX_FINDINGS));
    html.open("article").open("figure");
    switch (entry.picture()) {
      case ReportEntry.Picture.Shown picture -> picture(entry, picture.photograph(), shown);
      case ReportEntry.Picture.Absent absent ->
          html.element("div", "no picture: " + absent.reason(), "class", "absent");
    }
    html.close().open("div", "class", "details");
    html.element("h3", entry.name());
    html.element("p", facts(result), "class", "meta");
    if (shown.isEmpty()) {
      html.element("p", "Nothing was found in this picture.", "class", "nothing");
    } else {
      html.open("ol", "class", "findings");
      shown.forEach(this::finding);
      html.close();
    }
    if (findings.size() > shown.size()) {
      html.element("p", "and " + (findings.size() - shown.size()) + " more", "class", "meta");
    }
    bar(result);
    html.close().close().line();
  }

  private static String facts(InferenceResult result) {
    List<String> facts = new ArrayList<>();
    if (result.getImage() != null) {
      facts.add(
          "%d × %d pixels".formatted(result.getImage().getWidth(), result.getImage().getHeight()));
      facts.add(
          String.format(
              Locale.ROOT,
              "%s, %,d KB",
              result.getImage().getFormat(),
              Math.max(1, Math.round(result.getImage().getByteSize() / 1000.0))));
    }
    facts.add("batch of " + result.getBatchSize());
    return String.join(" · ", facts);
  }

  private void picture(ReportEntry entry, Photograph photograph, List<Finding> findings) {
    String jpeg;
    try {
      jpeg = Base64.getEncoder().encodeToString(photograph.toJpeg());
    } catch (IOException e) {
      throw new UncheckedIOException("writing a JPEG to memory", e);
    }
    html.open("div", "class", "picture");
    html.open(
        "img",
        "src",
        "data:image/jpeg;base64," + jpeg,
        "alt",
        entry.name(),
        "width",
        String.valueOf(photograph.pixels().getWidth()),
        "height",
        String.valueOf(photograph.pixels().getHeight()));
    html.open(
        "svg",
        "viewBox",
        "0 0 %d %d".formatted(photograph.width(), photograph.height()),
        "preserveAspectRatio",
        "none",
        "role",
        "presentation");
    for (Finding finding : findings) {
      if (!finding.outline().isEmpty()) {
        outline(finding, photograph);
      }
    }
    html.close();
    for (int i = 0; i < findings.size(); i++) {
      if (!findings.get(i).outline().isEmpty()) {
        number(findings.get(i), i + 1, photograph);
      }
    }
    html.close();
  }

  private void outline(Finding finding, Photograph photograph) {
    StringBuilder points = new StringBuilder();
    for (Finding.Corner corner : finding.outline()) {
      points.append(
          String.format(
              Locale.ROOT,
              "%.1f,%.1f ",
              within(corner.x(), photograph.width()),
              within(corner.y(), photograph.height())));
    }
    html.open("g");
    html.element("title", shortened(finding.text()));
    html.open("polygon", "class", "rim", "points", points.toString()).close();
    html.open("polygon", "class", "line", "points", points.toString()).close();
    html.close();
  }

  /** The number stands at the corner where reading starts, and inside the picture. */
  private void number(Finding finding, int number, Photograph photograph) {
    Finding.Corner corner = finding.outline().getFirst();
    html.element(
        "b",
        String.valueOf(number),
        "style",
        String.format(
            Locale.ROOT,
            "left:clamp(12px,%.2f%%,calc(100%% - 8px));top:clamp(13px,%.2f%%,calc(100%% - 6px))",
            100 * within(corner.x(), photograph.width()) / photograph.width(),
            100 * within(corner.y(), photograph.height()) / photograph.height()));
  }

  private static double within(double coordinate, int side) {
    return Double.isNaN(coordinate) ? 0 : Math.max(0, Math.min(side, coordinate));
  }

  private void finding(Finding finding) {
    html.open("li").open("span", "class", "text").text(shortened(finding.text())).close();
    if (finding.score().isPresent()) {
      double score = proportion(finding.score().getAsDouble());
      html.open("span", "class", "score", "title", "score")
          .open("i", "style", String.format(Locale.ROOT, "width:%.0f%%", 100 * score))
          .close()
          .close()
          .element("span", String.format(Locale.ROOT, "%.2f", score), "class", "number");
    }
    html.close();
  }

  /** Scores come off the wire too. */
  private static double proportion(double score) {
    return Double.isNaN(score) ? 0 : Math.max(0, Math.min(1, score));
  }

  private static String shortened(String text) {
    return Text.shortened(text, MAX_TEXT);
  }

  private void bar(InferenceResult result) {
    Timings timings = result.getTimings();
    double total = STAGES.stream().mapToDouble(stage -> milliseconds(stage, timings)).sum();
    html.open("div", "class", "bar");
    for (Stage stage : STAGES) {
      double share = total > 0 ? milliseconds(stage, timings) / total : 0;
      html.open(
              "i",
              "class",
              stage.style(),
              "style",
              String.format(Locale.ROOT, "width:%.3f%%", 100 * share),
              "title",
              stage.title() + " " + format(milliseconds(stage, timings)) + " ms")
          .close();
    }
    html.close().open("dl", "class", "stages");
    for (Stage stage : STAGES) {
      html.open("div")
          .element("dt", stage.title())
          .element("dd", format(milliseconds(stage, timings)) + " ms")
          .close();
    }
    html.open("div").element("dt", "total").element("dd", format(timings.getTotal()) + " ms");
    html.close().close();
  }

  private void failures(List<ReportEntry> failed) {
    if (failed.isEmpty() && missing.isEmpty()) {
      return;
    }
    html.element("h2", "Without an answer").open("div", "class", "scroll").open("table");
    html.open("thead").open("tr");
    for (String column : List.of("photograph", "status", "code", "what happened", "attempts")) {
      html.element("th", column);
    }
    html.close().close().open("tbody");
    for (ReportEntry entry : failed) {
      var error = entry.result().getError();
      html.open("tr")
          .element("td", entry.name(), "class", "name")
          .element("td", entry.result().getStatus().name())
          .open("td")
          .element("code", error == null ? "" : error.getCode())
          .close()
          .element("td", error == null ? "" : shortened(error.getMessage()))
          .element(
              "td", error == null ? "" : String.valueOf(error.getAttempts()), "class", "number")
          .close();
    }
    for (String name : missing) {
      html.open("tr")
          .element("td", name, "class", "name")
          .element("td", "NO RESULT")
          .element("td", "")
          .element("td", "no result came in time")
          .element("td", "")
          .close();
    }
    html.close().close().close().line();
  }

  private void timings(List<ReportEntry> succeeded) {
    if (succeeded.isEmpty()) {
      return;
    }
    html.element("h2", "Times in milliseconds").open("div", "class", "scroll").open("table");
    html.open("thead").open("tr").element("th", "photograph");
    for (Stage stage : STAGES) {
      html.element("th", stage.title(), "class", "number");
    }
    html.element("th", "total", "class", "number").element("th", "batch", "class", "number");
    html.close().close().open("tbody");
    for (ReportEntry entry : succeeded) {
      Timings timings = entry.result().getTimings();
      html.open("tr").element("td", entry.name(), "class", "name");
      for (Stage stage : STAGES) {
        html.element("td", format(milliseconds(stage, timings)), "class", "number");
      }
      html.element("td", format(timings.getTotal()), "class", "number")
          .element("td", String.valueOf(entry.result().getBatchSize()), "class", "number")
          .close();
    }
    html.close().open("tfoot").open("tr").element("td", "median");
    for (Stage stage : STAGES) {
      html.element("td", format(median(succeeded, t -> milliseconds(stage, t))), "class", "number");
    }
    html.element("td", format(median(succeeded, Timings::getTotal)), "class", "number")
        .element("td", "")
        .close()
        .close()
        .close()
        .close()
        .line();
  }

  private static double median(List<ReportEntry> entries, ToDoubleFunction<Timings> value) {
    double[] sorted =
        entries.stream()
            .mapToDouble(e -> value.applyAsDouble(e.result().getTimings()))
            .sorted()
            .toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** Times come off the wire: no NaN and no negative width. */
  private static double milliseconds(Stage stage, Timings timings) {
    double value = stage.milliseconds().applyAsDouble(timings);
    return value > 0 && Double.isFinite(value) ? value : 0;
  }

  private static String format(double milliseconds) {
    return String.format(Locale.ROOT, milliseconds < 10 ? "%.1f" : "%.0f", milliseconds);
  }
}

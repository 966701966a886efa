package dev.sluice.worker.telemetry;

import dev.sluice.worker.model.ErrorCode;
import dev.sluice.worker.telemetry.WorkerStatus.Breaker;
import dev.sluice.worker.telemetry.WorkerStatus.Intake;
import dev.sluice.worker.telemetry.WorkerStatus.Lag;
import dev.sluice.worker.telemetry.WorkerStatus.Lane;
import dev.sluice.worker.telemetry.WorkerStatus.Model;
import dev.sluice.worker.telemetry.WorkerStatus.Partition;
import dev.sluice.worker.telemetry.WorkerStatus.Waiting;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The page at {@code /}: one self-contained piece of HTML, drawn from values. */
final class StatusPage {
  private static final String HEAD =
      """
      <!doctype html>
      <html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="3">
      <meta name="viewport" content="width=device-width">
      <style>
      :root { color-scheme: light dark; }
      body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
      h1 { font-size: 1.4rem; } h2 { font-size: 1.05rem; margin: 1.6rem 0 .3rem; }
      table { border-collapse: collapse; width: 100%; }
      th, td { text-align: left; padding: .2rem .8rem .2rem 0; border-bottom: 1px solid #8884; overflow-wrap: anywhere; }
      .bad { color: #c0392b; font-weight: 600; } .good { color: #1e8449; font-weight: 600; }
      .none { opacity: .6; }
      </style>
      """;

  private StatusPage() {}

  static String render(WorkerStatus status, Tally tally, Health live, Health ready, Instant now) {
    StringBuilder page = new StringBuilder();
    page.append(HEAD);
    page.append("<title>Sluice ")
        .append(escaped(status.workerId()))
        .append("</title></head><body>\n");
    page.append("<h1>Sluice worker ").append(escaped(status.workerId())).append("</h1>\n<p>");
    page.append(status.phase().name().toLowerCase(Locale.ROOT)).append(" for ");
    page.append(escaped(age(Duration.between(status.startedAt(), now)))).append(" · ");
    page.append(judged("live", live)).append(" · ").append(judged("ready", ready)).append(" · ");
    page.append(
        switch (status.intake()) {
          case Intake.Open _ -> "reading requests";
          case Intake.Paused(String reason) ->
              "<span class=bad>not reading requests</span>: " + escaped(reason);
          case Intake.HeldUp _ ->
              "<span class=bad>not reading requests</span>: all wait for what is down";
        });
    page.append("</p>\n");
    waiting(page, status.waiting(), now);
    outcomes(page, tally);
    inFlight(page, status.inFlight());
    partitions(page, status.partitions());
    models(page, status.models());
    breakers(page, status.breakers(), now);
    page.append("<p class=none>Renewed every 3 s. <a href=/metrics>metrics</a> · ");
    page.append(
        "<a href=/health/live>live</a> · <a href=/health/ready>ready</a></p></body></html>\n");
    return page.toString();
  }

  /** Text that stands in HTML for itself, whatever it holds. */
  static String escaped(String text) {
    StringBuilder escaped = new StringBuilder(text.length() + 16);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> escaped.append("&amp;");
        case '<' -> escaped.append("&lt;");
        case '>' -> escaped.append("&gt;");
        case '"' -> escaped.append("&quot;");
        case '\'' -> escaped.append("&#39;");
        default -> escaped.append(c);
      }
    }
    return escaped.toString();
  }

  private static String judged(String name, Health health) {
    return health.isUp()
        ? "<span class=good>" + name + "</span>"
        : "<span class=bad>not "
            + name
            + "</span>: "
            + escaped(String.join("; ", health.problems()));
  }

  private static void outcomes(StringBuilder page, Tally tally) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("succeeded", Long.toString(tally.succeeded())));
    for (ErrorCode code : ErrorCode.values()) {
      long count = tally.failures().getOrDefault(code, 0L);
      if (count > 0) {
        rows.add(List.of(code.name(), Long.toString(count)));
      }
    }
    rows.add(List.of("not decodable", Long.toString(tally.undecodable())));
    rows.add(List.of("dead letters", Long.toString(tally.deadLetters())));
    rows.add(List.of("not acknowledged by the brokers", Long.toString(tally.sendFailures())));
    table(page, "Outcomes since the start", List.of("outcome", "requests"), rows);
  }

  private static void inFlight(StringBuilder page, WorkerStatus.InFlight inFlight) {
    table(
        page,
        "In flight",
        List.of("what", "now", "at most"),
        List.of(
            List.of(
                "records",
                Integer.toString(inFlight.records()),
                Integer.toString(inFlight.maxRecords())),
            List.of(
                "images fetched",
                Integer.toString(inFlight.images()),
                Integer.toString(inFlight.maxImages())),
            List.of("bytes", bytes(inFlight.bytes()), bytes(inFlight.maxBytes()))));
  }

  private static void partitions(StringBuilder page, List<Partition> partitions) {
    table(
        page,
        "Assigned partitions",
        List.of("partition", "lag", "in flight"),
        partitions.stream()
            .map(partition ->
                List.of(
                    partition.topic() + "-" + partition.partition(),
                    switch (partition.lag()) {
                      case Lag.Unknown _ -> "?";
                      case Lag.Records(long count) -> Long.toString(count);
                    },
                    Integer.toString(partition.inFlight())))
            .toList());
  }

  private static void models(StringBuilder page, List<Model> models) {
    table(
        page,
        "Models",
        List.of("model", "waiting", "task", "largest batch", "lanes"),
        models.stream()
            .map(model ->
                List.of(
                    model.name() + " version " + model.version(),
                    Integer.toString(model.waiting()),
                    model.task(),
                    model.largestBatch() < model.maxBatchSize()
                        ? "%d for now, of %d: %s"
                            .formatted(
                                model.largestBatch(),
                                model.maxBatchSize(),
                                model.adaptive() ? "adaptive" : "the device ran out of memory")
                        : Integer.toString(model.maxBatchSize()),
                    model.lanes().stream().map(Lane::told).collect(Collectors.joining(", "))))
            .toList());
  }

  /** Only while there is something to say: it comes first then. */
  private static void waiting(StringBuilder page, List<Waiting> waiting, Instant now) {
    if (!waiting.isEmpty()) {
      table(
          page,
          "Waiting for what is down",
          List.of("what", "requests", "down for"),
          Outages.largest(waiting).stream()
              .map(each ->
                  List.of(
                      each.dependency(),
                      Integer.toString(each.requests()),
                      age(Duration.between(each.since(), now))))
              .toList());
    }
  }

  private static void breakers(StringBuilder page, List<Breaker> breakers, Instant now) {
    table(
        page,
        "Circuit breakers",
        List.of("origin", "state", "for"),
        Exposition.shown(breakers).stream()
            .map(breaker ->
                List.of(
                    breaker.origin(),
                    breaker.state().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                    age(Duration.between(breaker.since(), now))))
            .toList());
    if (breakers.size() > Exposition.MAX_BREAKERS) {
      page.append("<p class=none>and ").append(breakers.size() - Exposition.MAX_BREAKERS);
      page.append(" more</p>\n");
    }
  }

  private static void table(
      StringBuilder page, String title, List<String> columns, List<List<String>> rows) {
    page.append("<h2>").append(title).append("</h2>\n");
    if (rows.isEmpty()) {
      page.append("<p class=none>none</p>\n");
      return;
    }
    page.append("<table><tr>");
    columns.forEach(column -> page.append("<th>").append(column).append("</th>"));
    page.append("</tr>\n");
    for (List<String> row : rows) {
      page.append("<tr>");
      row.forEach(cell -> page.append("<td>").append(escaped(cell)).append("</td>"));
      page.append("</tr>\n");
    }
    page.append("</table>\n");
  }

  private static String bytes(long bytes) {
    return String.format(Locale.ROOT, "%.1f MiB", bytes / 1048576.0);
  }

  private static String age(Duration age) {
    return "%dd %02d:%02d:%02d"
        .formatted(age.toDays(), age.toHoursPart(), age.toMinutesPart(), age.toSecondsPart());
  }
}

package dev.sluice.tools.results;

import dev.sluice.tools.Table;
import dev.sluice.tools.Text;
import dev.sluice.v1.InferenceRequest;
import dev.sluice.v1.InferenceResult;
import dev.sluice.v1.Timings;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Results as rows of a table: one row for each thing read or seen, the first of them with the
 * photograph and where its time went. Pure.
 */
public final class ResultRows {
  /** The metadata key under which {@code submit} puts the name of the image. */
  public static final String SOURCE = "source";

  private static final List<String> COLUMNS =
      List.of(
          "PHOTOGRAPH",
          "STATUS",
          "READ OR SEEN",
          "SCORE",
          "QUEUED",
          "FETCH",
          "DECODE",
          "BATCH WAIT",
          "INFERENCE",
          "BATCH");

  private static final List<String> NO_TIMES = Collections.nCopies(6, "");
  private static final int MAX_FINDINGS = 20;
  private static final int MAX_ERROR_LINES = 4;
  private static final int MAX_NAME = 40;
  private static final int MAX_TEXT = 60;

  private ResultRows() {}

  /** The table of these rows; times are milliseconds. */
  public static Table table(List<List<String>> rows) {
    return new Table(COLUMNS, rows);
  }

  /** What a person calls the image of a result. */
  public static String nameOf(InferenceResult result) {
    String source = result.getMetadata().get(SOURCE);
    return source == null || source.isBlank() ? result.getRequestId() : source;
  }

  /** What a person calls the image of a request. */
  public static String sourceOf(InferenceRequest request) {
    return request.getMetadata().getOrDefault(SOURCE, request.getRequestId());
  }

  /** The rows of one result. */
  public static List<List<String>> of(String name, InferenceResult result) {
    Timings timings = result.getTimings();
    List<String> tail =
        List.of(
            milliseconds(timings.getQueued()),
            milliseconds(timings.getFetch()),
            milliseconds(timings.getDecode()),
            milliseconds(timings.getBatchWait()),
            milliseconds(timings.getInference()),
            String.valueOf(result.getBatchSize()));
    List<List<String>> rows = new ArrayList<>();
    List<Finding> findings = Finding.in(result);
    String status = result.getStatus().name();
    if (result.getError() != null) {
      List<String> lines = wrapped(explanation(result));
      rows.add(row(name, status, lines.getFirst(), "-", tail));
      lines.stream().skip(1).forEach(line -> rows.add(continuation(line)));
    } else if (findings.isEmpty()) {
      rows.add(row(name, status, "(nothing)", "-", tail));
    } else {
      rows.add(row(name, status, findings.getFirst(), tail));
    }
    for (Finding finding : findings.stream().skip(1).limit(MAX_FINDINGS - 1).toList()) {
      rows.add(row("", "", finding, NO_TIMES));
    }
    if (findings.size() > MAX_FINDINGS) {
      String more = "... and " + (findings.size() - MAX_FINDINGS) + " more";
      rows.add(continuation(more));
    }
    return rows;
  }

  /** The rows of all results that were waited for, those that did not come included. */
  public static List<List<String>> of(ResultJoin join) {
    List<List<String>> rows = new ArrayList<>();
    for (ResultJoin.Expected expected : join.all()) {
      expected
          .result()
          .ifPresentOrElse(
              result -> rows.addAll(of(expected.name(), result)),
              () -> rows.add(missing(expected.name())));
    }
    return rows;
  }

  /** The row of a request whose result has not come. */
  static List<String> missing(String name) {
    return row(name, "NO RESULT", "", "", NO_TIMES);
  }

  /** Why a result has no output: the code and the message. */
  static String explanation(InferenceResult result) {
    return result.getError() == null
        ? ""
        : result.getError().getCode() + ": " + result.getError().getMessage();
  }

  private static List<String> continuation(String text) {
    return row("", "", text, "", NO_TIMES);
  }

  /** An error in lines as wide as the column, broken between words; what is too much is cut off. */
  private static List<String> wrapped(String text) {
    List<String> lines = new ArrayList<>();
    String rest = Text.oneLine(text);
    while (rest.codePointCount(0, rest.length()) > MAX_TEXT && lines.size() < MAX_ERROR_LINES - 1) {
      int limit = rest.offsetByCodePoints(0, MAX_TEXT);
      int space = rest.lastIndexOf(' ', limit);
      int end = space > limit / 2 ? space : limit;
      lines.add(rest.substring(0, end));
      rest = rest.substring(end).strip();
    }
    lines.add(rest);
    return lines;
  }

  private static List<String> row(String name, String status, Finding finding, List<String> tail) {
    String score =
        finding.score().isPresent()
            ? String.format(Locale.ROOT, "%.2f", finding.score().getAsDouble())
            : "-";
    return row(name, status, finding.text(), score, tail);
  }

  private static List<String> row(
      String name, String status, String text, String score, List<String> tail) {
    return Stream.concat(
            Stream.of(
                shortenedFromLeft(Text.oneLine(name)),
                status,
                Text.shortened(Text.oneLine(text), MAX_TEXT),
                score),
            tail.stream())
        .toList();
  }

  /** The end of a path tells more than its beginning. */
  private static String shortenedFromLeft(String name) {
    int length = name.codePointCount(0, name.length());
    return length <= MAX_NAME
        ? name
        : "…" + name.substring(name.offsetByCodePoints(0, length - MAX_NAME + 1));
  }

  private static String milliseconds(double value) {
    return String.format(Locale.ROOT, value < 10 ? "%.1f" : "%.0f", value);
  }
}

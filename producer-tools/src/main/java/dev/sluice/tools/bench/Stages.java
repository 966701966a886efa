package dev.sluice.tools.bench;

import dev.sluice.tools.report.Plot;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where requests spent their time and in what batches, from the growth of the workers' metrics.
 * Immutable.
 */
record Stages(Scrape grown) {
  private static final String DURATION = "sluice_stage_duration_seconds";
  private static final String BATCH = "sluice_inference_batch_size";
  private static final List<String> NAMES = List.of("fetch", "decode", "batch_wait", "inference");
  private static final Pattern BOUND = Pattern.compile("le=\"([^\"]+)\"");
  private static final double MILLIS = 1000;

  /** Mean milliseconds of a stage. */
  double meanMillis(String stage) {
    return MILLIS * grown.mean(DURATION, "stage=\"" + stage + "\"");
  }

  /** Images in a device call, on average; 0 when there was none. */
  double meanBatch() {
    return grown.mean(BATCH, "");
  }

  /** How many device calls there were. */
  double calls() {
    return grown.sum(BATCH + "_count");
  }

  /**
   * Milliseconds of each stage, one after the other, and the rest.
   *
   * @param wholeMillis from sending a request until its result is read
   */
  Plot whereTheTimeGoes(String scenario, double wholeMillis) {
    List<Plot.Series> series = new ArrayList<>();
    double rest = wholeMillis;
    for (String stage : NAMES) {
      rest -= meanMillis(stage);
      series.add(part(stage.replace('_', ' '), scenario, meanMillis(stage)));
    }
    series.add(part("Kafka, in and out", scenario, Math.max(0, rest)));
    return new Plot(
        scenario,
        "Where the time of one image goes, from request to result (mean)",
        Plot.Kind.STACKED_BARS,
        "",
        "ms",
        series);
  }

  private static Plot.Series part(String name, String scenario, double millis) {
    return new Plot.Series(name, List.of(Plot.Point.named(scenario, millis)));
  }

  /** Which share of the device calls had how many images. */
  Plot batchSizes(String scenario) {
    Map<Double, Double> upTo = new TreeMap<>();
    grown
        .all(BATCH + "_bucket")
        .forEach((labels, count) -> {
          Matcher bound = BOUND.matcher(labels);
          if (bound.find() && !bound.group(1).equals("+Inf")) {
            upTo.merge(Double.parseDouble(bound.group(1)), count, Double::sum);
          }
        });
    List<Plot.Point> points = new ArrayList<>();
    double calls = Math.max(1, calls());
    double before = 0;
    double lower = 0;
    for (Map.Entry<Double, Double> bucket : upTo.entrySet()) {
      double count = bucket.getValue() - before;
      if (count > 0) {
        String name =
            bucket.getKey() - lower <= 1
                ? "%.0f".formatted(bucket.getKey())
                : "%.0f to %.0f".formatted(lower + 1, bucket.getKey());
        points.add(Plot.Point.named(name, 100 * count / calls));
      }
      before = bucket.getValue();
      lower = bucket.getKey();
    }
    return new Plot(
        scenario,
        "Images in a device call",
        Plot.Kind.BARS,
        "images",
        "% of calls",
        List.of(new Plot.Series("calls", points)));
  }
}

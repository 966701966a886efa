package dev.sluice.tools.bench;

import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code /metrics} said at one moment. Immutable.
 *
 * @param series values by name with labels, as the text format of Prometheus writes them
 */
record Scrape(Map<String, Double> series) {
  private static final Pattern LINE = Pattern.compile("([a-z_:]+(?:\\{.*})?) (\\S+)");

  Scrape {
    series = Map.copyOf(series);
  }

  static Scrape of(String text) {
    Map<String, Double> series = new TreeMap<>();
    for (String line : text.lines().toList()) {
      Matcher matcher = LINE.matcher(line);
      if (matcher.matches()) {
        series.put(matcher.group(1), number(matcher.group(2)));
      }
    }
    return new Scrape(series);
  }

  /** Series of the same name and labels added up. */
  static Scrape sum(List<Scrape> scrapes) {
    Map<String, Double> sums = new TreeMap<>();
    for (Scrape scrape : scrapes) {
      scrape.series.forEach((name, value) -> sums.merge(name, value, Double::sum));
    }
    return new Scrape(sums);
  }

  /** How much each series has grown since an earlier scrape. */
  Scrape since(Scrape before) {
    Map<String, Double> grown = new TreeMap<>();
    series.forEach((name, value) -> grown.put(name, value - before.series.getOrDefault(name, 0.0)));
    return new Scrape(grown);
  }

  /** Series of a metric, by their labels as they are written. */
  SequencedMap<String, Double> all(String metric) {
    SequencedMap<String, Double> found = new TreeMap<>();
    series.forEach((name, value) -> {
      if (name.equals(metric) || name.startsWith(metric + "{")) {
        found.put(name.substring(metric.length()), value);
      }
    });
    return found;
  }

  /** All series of a metric added up; 0 when there is none. */
  double sum(String metric) {
    return all(metric).values().stream().mapToDouble(Double::doubleValue).sum();
  }

  /** The sum of those series of a metric that have this label, as in {@code stage="fetch"}. */
  double sum(String metric, String label) {
    return all(metric).entrySet().stream()
        .filter(series -> series.getKey().contains(label))
        .mapToDouble(Map.Entry::getValue)
        .sum();
  }

  /** The mean of a histogram's or timer's values with this label; 0 when there is none. */
  double mean(String metric, String label) {
    double count = sum(metric + "_count", label);
    return count == 0 ? 0 : sum(metric + "_sum", label) / count;
  }

  private static double number(String text) {
    return switch (text) {
      case "+Inf" -> Double.POSITIVE_INFINITY;
      case "-Inf" -> Double.NEGATIVE_INFINITY;
      default -> Double.parseDouble(text);
    };
  }
}

package dev.sluice.worker.inference;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What Ultralytics' exporter writes into an ONNX file's metadata; its keys are {@code task}, {@code
 * names}, {@code stride} and {@code imgsz}, their values Python literals. Early exports have only
 * {@code names} and {@code stride}.
 *
 * @param task "detect", "classify", "segment", "pose" or "obb"
 * @param labels the class names by index; empty when the file has none
 * @param stride the sides of an input are multiples of it
 * @param height of the image that the model was exported for
 * @param width of the image that the model was exported for
 */
public record UltralyticsMetadata(
    String task, List<String> labels, int stride, int height, int width) {
  /** As in {@code 0: 'person', 1: "driver's seat"}; a backslash keeps the character after it. */
  private static final Pattern NAME =
      Pattern.compile("(\\d{1,6})\\s*:\\s*(?:'((?:[^'\\\\]|\\\\.)*)'|\"((?:[^\"\\\\]|\\\\.)*)\")");

  private static final Pattern SIZE = Pattern.compile("\\[\\s*(\\d{1,6})\\s*,\\s*(\\d{1,6})\\s*]");
  private static final int DEFAULT_STRIDE = 32;
  private static final String DEFAULT_TASK = "detect";
  private static final String DEFAULT_SIZE = "[640, 640]";

  public UltralyticsMetadata {
    requireNonNull(task, "task is null");
    labels = List.copyOf(labels);
  }

  /**
   * Reads a file's metadata.
   *
   * @return empty when another exporter wrote the file
   * @throws IllegalArgumentException when Ultralytics wrote it but a value cannot be read; says
   *     which
   */
  public static Optional<UltralyticsMetadata> read(Map<String, String> metadata) {
    boolean complete = metadata.containsKey("task") && metadata.containsKey("imgsz");
    // What YOLOv5 and the first exports of YOLOv8 write: detectors of the usual size.
    boolean early = metadata.containsKey("names") && metadata.containsKey("stride");
    if (!complete && !early) {
      return Optional.empty();
    }
    String size = metadata.getOrDefault("imgsz", DEFAULT_SIZE);
    Matcher sides = SIZE.matcher(size);
    if (!sides.matches()) {
      throw unreadable("imgsz", size);
    }
    return Optional.of(
        new UltralyticsMetadata(
            metadata.getOrDefault("task", DEFAULT_TASK),
            labels(metadata.getOrDefault("names", "{}")),
            stride(metadata),
            Integer.parseInt(sides.group(1)),
            Integer.parseInt(sides.group(2))));
  }

  private static int stride(Map<String, String> metadata) {
    String stride = metadata.getOrDefault("stride", String.valueOf(DEFAULT_STRIDE));
    try {
      return Integer.parseInt(stride.strip());
    } catch (NumberFormatException notANumber) {
      throw unreadable("stride", stride);
    }
  }

  private static List<String> labels(String names) {
    Map<Integer, String> byIndex = new TreeMap<>();
    Matcher name = NAME.matcher(names);
    while (name.find()) {
      String quoted = name.group(2) == null ? name.group(3) : name.group(2);
      byIndex.put(Integer.parseInt(name.group(1)), quoted.replaceAll("\\\\(.)", "$1"));
    }
    List<String> labels = new ArrayList<>(byIndex.values());
    if (byIndex.keySet().stream().anyMatch(index -> index >= labels.size())) {
      throw unreadable("names", names);
    }
    return labels;
  }

  private static IllegalArgumentException unreadable(String key, String value) {
    String shown = value.length() > 200 ? value.substring(0, 200) + "..." : value;
    return new IllegalArgumentException(
        "the model's metadata " + key + " is not as Ultralytics writes it: " + shown);
  }
}

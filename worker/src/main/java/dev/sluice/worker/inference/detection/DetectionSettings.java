package dev.sluice.worker.inference.detection;

import static java.util.Objects.requireNonNull;

import dev.sluice.worker.inference.Normalizer;
import dev.sluice.worker.model.Geometry;
import java.util.List;

/**
 * How a detector is fed and read.
 *
 * @param labels the class names by index; a class beyond them is called by its number
 * @param geometry how an image becomes the input
 * @param normalizer how its levels become the input's numbers
 * @param layout how the outputs say where things are
 * @param threshold the least score of a box when the request names none, 0 to 1
 * @param iouThreshold how much of two boxes of one class may overlap when the request does not say,
 *     0 to 1
 * @param maxDetections how many boxes an image has at most when the request does not say
 */
public record DetectionSettings(
    List<String> labels,
    Geometry geometry,
    Normalizer normalizer,
    BoxLayout layout,
    float threshold,
    float iouThreshold,
    int maxDetections) {
  // Ultralytics' own defaults for prediction: ultralytics/cfg/default.yaml, conf, iou, max_det.
  private static final float THRESHOLD = 0.25f;
  private static final float IOU_THRESHOLD = 0.7f;
  private static final int MAX_DETECTIONS = 300;

  public DetectionSettings {
    labels = List.copyOf(labels);
    requireNonNull(geometry, "geometry is null");
    requireNonNull(normalizer, "normalizer is null");
    requireNonNull(layout, "layout is null");
  }

  /** These, with Ultralytics' default thresholds. */
  public DetectionSettings(
      List<String> labels, Geometry geometry, Normalizer normalizer, BoxLayout layout) {
    this(labels, geometry, normalizer, layout, THRESHOLD, IOU_THRESHOLD, MAX_DETECTIONS);
  }
}

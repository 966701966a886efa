package dev.sluice.tools.results;

import dev.sluice.v1.Box;
import dev.sluice.v1.ClassScore;
import dev.sluice.v1.Classification;
import dev.sluice.v1.Detections;
import dev.sluice.v1.Embedding;
import dev.sluice.v1.InferenceResult;
import dev.sluice.v1.Point;
import dev.sluice.v1.Tensor;
import dev.sluice.v1.Tensors;
import dev.sluice.v1.TextLine;
import dev.sluice.v1.TextLines;
import java.util.List;
import java.util.OptionalDouble;

/**
 * One thing that a model said about an image, whatever the model's task. The text comes from models
 * and from images: it is hostile until escaped for where it is shown.
 *
 * @param text what was read or seen
 * @param score how sure the model is, 0 to 1; empty when it did not say
 * @param outline where it is, in pixels of the image as a person sees it; empty when it is about
 *     the whole image
 */
public record Finding(String text, OptionalDouble score, List<Corner> outline) {

  public Finding {
    outline = List.copyOf(outline);
  }

  /** A corner of an outline, in pixels from the top left. */
  public record Corner(double x, double y) {}

  /** What a result found; nothing for one that did not succeed. */
  public static List<Finding> in(InferenceResult result) {
    return switch (result.getOutput()) {
      case Classification classification ->
          classification.getClasses().stream().map(Finding::of).toList();
      case Detections detections -> detections.getBoxes().stream().map(Finding::of).toList();
      case TextLines text -> text.getLines().stream().map(Finding::of).toList();
      case Embedding embedding ->
          List.of(whole("vector of " + embedding.getValues().size() + " values"));
      case Tensors tensors -> tensors.getTensors().stream().map(Finding::of).toList();
      case null, default -> List.of();
    };
  }

  private static Finding of(ClassScore item) {
    return new Finding(item.getLabel(), OptionalDouble.of(item.getScore()), List.of());
  }

  private static Finding of(Box box) {
    return new Finding(
        box.getLabel(),
        OptionalDouble.of(box.getScore()),
        List.of(
            new Corner(box.getXMin(), box.getYMin()),
            new Corner(box.getXMax(), box.getYMin()),
            new Corner(box.getXMax(), box.getYMax()),
            new Corner(box.getXMin(), box.getYMax())));
  }

  private static Finding of(TextLine line) {
    return new Finding(
        line.getText(),
        OptionalDouble.of(line.getScore()),
        line.getPolygon().stream().map(Finding::corner).toList());
  }

  private static Corner corner(Point point) {
    return new Corner(point.getX(), point.getY());
  }

  private static Finding of(Tensor tensor) {
    return whole(tensor.getName() + ": " + tensor.getDatatype() + " " + tensor.getShape());
  }

  private static Finding whole(String text) {
    return new Finding(text, OptionalDouble.empty(), List.of());
  }
}

package dev.sluice.worker.inference;

import dev.sluice.worker.model.Geometry;
import java.util.Map;

/**
 * What {@code resize} in model.yaml says; the sizes it leaves out come from the graph's input.
 *
 * @param kind how the image is fitted
 * @param sizes the sizes that are said, by their names in model.yaml
 */
record Resize(Kind kind, Map<String, Integer> sizes) {
  /** A side of the image that the graph takes is not fixed. */
  static final int DYNAMIC = -1;

  /** Ultralytics' grey. */
  private static final int LETTERBOX_FILL = 114;

  /** The kinds of {@link Geometry}. */
  enum Kind {
    STRETCH,
    CENTER_CROP,
    LETTERBOX,
    WITHIN
  }

  Resize {
    sizes = Map.copyOf(sizes);
  }

  /**
   * The geometry for a graph that takes this width and height, each {@link #DYNAMIC} when any will
   * do.
   *
   * @throws IllegalArgumentException when a size is missing or impossible; says which
   */
  Geometry geometry(int width, int height) {
    return switch (kind) {
      case STRETCH -> new Geometry.Stretch(side("width", width), side("height", height));
      case CENTER_CROP -> {
        int cropWidth = side("width", width);
        int cropHeight = side("height", height);
        yield new Geometry.CenterCrop(
            sizes.getOrDefault("shorter_side", shorterSide(cropWidth, cropHeight)),
            cropWidth,
            cropHeight);
      }
      case LETTERBOX ->
          new Geometry.Letterbox(
              side("width", width),
              side("height", height),
              sizes.getOrDefault("fill", LETTERBOX_FILL));
      case WITHIN -> {
        if (width != DYNAMIC || height != DYNAMIC) {
          throw new IllegalArgumentException(
              "kind within gives images of many sizes, but the model takes only %s x %s"
                  .formatted(shown(width), shown(height)));
        }
        yield new Geometry.Within(side("longer_side", DYNAMIC), sizes.getOrDefault("multiple", 1));
      }
    };
  }

  private static String shown(int side) {
    return side == DYNAMIC ? "any" : String.valueOf(side);
  }

  /** 256 for a crop of 224: how ImageNet classifiers are evaluated. */
  private static int shorterSide(int width, int height) {
    return Math.round(Math.max(width, height) * 256f / 224);
  }

  private int side(String name, int inGraph) {
    Integer said = sizes.get(name);
    if (said == null) {
      if (inGraph == DYNAMIC) {
        throw new IllegalArgumentException("needs " + name + ": the model takes any size");
      }
      return inGraph;
    }
    if (inGraph != DYNAMIC && said != inGraph) {
      throw new IllegalArgumentException(
          "%s is %d, but the model takes only %d".formatted(name, said, inGraph));
    }
    return said;
  }
}

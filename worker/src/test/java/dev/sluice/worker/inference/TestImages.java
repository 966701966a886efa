package dev.sluice.worker.inference;

import dev.sluice.worker.model.DecodedImage;
import dev.sluice.worker.model.Geometry;
import dev.sluice.worker.model.ImageInfo;
import dev.sluice.worker.model.Pixels;
import dev.sluice.worker.model.Placement;
import java.util.List;
import java.util.Map;

/** Images of one colour, as the image stage would hand them over. */
final class TestImages {
  static final int RED = 0xFF0000;
  static final int GREEN = 0x00FF00;
  static final int BLUE = 0x0000FF;

  private TestImages() {}

  /** In the one geometry that the task wants. */
  static InferenceInput of(ModelTask task, int rgb) {
    return of(task, rgb, Map.of());
  }

  static InferenceInput of(ModelTask task, int rgb, Map<String, String> parameters) {
    return switch (task.geometries().getFirst()) {
      case Geometry.Stretch(int width, int height) -> sized(width, height, rgb, parameters);
      case Geometry.CenterCrop(int shorterSide, int width, int height) ->
          sized(width, height, rgb, parameters);
      case Geometry.Letterbox(int width, int height, int fill) ->
          sized(width, height, rgb, parameters);
      case Geometry.Within(int longerSide, int multiple) ->
          sized(multiple, multiple, rgb, parameters);
    };
  }

  static InferenceInput sized(int width, int height, int rgb, Map<String, String> parameters) {
    byte[] levels = new byte[width * height * 3];
    for (int i = 0; i < levels.length; i += 3) {
      levels[i] = (byte) (rgb >> 16);
      levels[i + 1] = (byte) (rgb >> 8);
      levels[i + 2] = (byte) rgb;
    }
    Pixels pixels = new Pixels(width, height, levels, new Placement(0, 0, 1, 1));
    return new InferenceInput(
        new DecodedImage(new ImageInfo(width, height, "png", 1), List.of(pixels)), parameters);
  }
}

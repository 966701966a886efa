package dev.sluice.worker.inference;

import dev.sluice.worker.model.DecodedImage;
import dev.sluice.worker.model.Geometry;
import dev.sluice.worker.model.ImageInfo;
import dev.sluice.worker.model.Pixels;
import dev.sluice.worker.model.Placement;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * First runs of a model, on grey images, so that the first request does not pay for what ONNX
 * Runtime does on first use, and so that a graph that contradicts its own signature is found out
 * before any request comes.
 */
final class WarmUp {
  private static final byte GREY = (byte) 128;

  /** For a geometry without a size of its own. */
  private static final int SMALL = 320;

  private WarmUp() {}

  /** Runs a batch of 1 and, where larger ones are allowed, one of 2. */
  static void run(Lane lane, ModelTask task, int maxBatchSize) {
    List<Pixels> renditions = task.geometries().stream().map(WarmUp::grey).toList();
    DecodedImage image = new DecodedImage(new ImageInfo(SMALL, SMALL, "png", 1), renditions);
    InferenceInput input = new InferenceInput(image, Map.of());
    for (int size = 1; size <= Math.min(2, maxBatchSize); size++) {
      lane.infer(Collections.nCopies(size, input));
    }
  }

  private static Pixels grey(Geometry geometry) {
    return switch (geometry) {
      case Geometry.Stretch(int width, int height) -> grey(width, height);
      case Geometry.CenterCrop(int shorterSide, int width, int height) -> grey(width, height);
      case Geometry.Letterbox(int width, int height, int fill) -> grey(width, height);
      case Geometry.Within(int longerSide, int multiple) -> {
        int side = Math.max(1, Math.min(longerSide, SMALL) / multiple) * multiple;
        yield grey(side, side);
      }
    };
  }

  private static Pixels grey(int width, int height) {
    byte[] rgb = new byte[width * height * 3];
    Arrays.fill(rgb, GREY);
    return new Pixels(
        width, height, rgb, new Placement(0, 0, (double) SMALL / width, (double) SMALL / height));
  }
}

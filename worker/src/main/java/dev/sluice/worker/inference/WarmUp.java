package dev.sluice.worker.inference;

import dev.sluice.worker.model.DecodedImage;
import dev.sluice.worker.model.Geometry;
import dev.sluice.worker.model.ImageInfo;
import dev.sluice.worker.model.Pixels;
import dev.sluice.worker.model.Placement;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

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

  /**
   * The sizes of batches that are common: powers of two up to the largest, the largest itself and
   * the preferred ones. Largest first, so that memory is taken once.
   */
  static List<Integer> sizes(BatchPolicy policy) {
    SortedSet<Integer> sizes = new TreeSet<>(Comparator.reverseOrder());
    for (int size = 1; size < policy.maxBatchSize(); size *= 2) {
      sizes.add(size);
    }
    sizes.add(policy.maxBatchSize());
    sizes.addAll(policy.preferredBatchSizes());
    return List.copyOf(sizes);
  }

  /** The processor time of one grey image, which other processes do not lengthen. */
  static Duration cost(Lane lane, ModelTask task) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadCpuTime();
    run(lane, task, List.of(1));
    return Duration.ofNanos(threads.getCurrentThreadCpuTime() - before);
  }

  /** Runs a batch of each of these sizes. */
  static void run(Lane lane, ModelTask task, List<Integer> sizes) {
    List<Pixels> renditions = task.geometries().stream().map(WarmUp::grey).toList();
    DecodedImage image = new DecodedImage(new ImageInfo(SMALL, SMALL, "png", 1), renditions);
    InferenceInput input = new InferenceInput(image, Map.of());
    for (int size : sizes) {
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

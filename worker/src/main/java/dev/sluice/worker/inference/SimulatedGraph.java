package dev.sluice.worker.inference;

import static java.util.Objects.requireNonNull;

import dev.sluice.worker.inference.GraphSignature.TensorSignature;
import dev.sluice.worker.model.Output.NamedTensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A classifier of colours on a {@link SimulatedDevice}: which of red, green and blue is strongest
 * in the image's mean. Its answers can be checked, and they cost next to nothing.
 */
final class SimulatedGraph implements Graph {
  /** The classes, in the order of the output's scores. */
  static final List<String> COLORS = List.of("red", "green", "blue");

  /** Says of itself what an Ultralytics export says, so that model.yaml need not. */
  static final GraphSignature SIGNATURE =
      new GraphSignature(
          List.of(new TensorSignature("image", "UINT8", List.of(-1L, -1L, -1L, 3L))),
          List.of(new TensorSignature("probabilities", "FP32", List.of(-1L, 3L))),
          Map.of(
              "task", "classify",
              "names", "{0: 'red', 1: 'green', 2: 'blue'}",
              "imgsz", "[32, 32]"));

  private static final float SURE = 0.98f;
  private static final float UNLIKELY = 0.01f;

  private final SimulatedDevice device;

  SimulatedGraph(SimulatedDevice device) {
    this.device = requireNonNull(device, "device is null");
  }

  @Override
  public GraphSignature signature() {
    return SIGNATURE;
  }

  @Override
  public GraphOutputs run(FloatTensor input) {
    int images = input.dimension(0);
    int length = input.values().limit() / images;
    List<String> colors = new ArrayList<>(images);
    ByteBuffer scores =
        ByteBuffer.allocate(images * COLORS.size() * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int image = 0; image < images; image++) {
      int strongest = strongest(input.values(), image * length, length);
      colors.add(COLORS.get(strongest));
      for (int color = 0; color < COLORS.size(); color++) {
        scores.putFloat(color == strongest ? SURE : UNLIKELY);
      }
    }
    device.call(colors);
    return new GraphOutputs(
        List.of(
            new NamedTensor(
                "probabilities",
                "FP32",
                List.of((long) images, (long) COLORS.size()),
                scores.flip())));
  }

  private static int strongest(FloatBuffer levels, int from, int length) {
    double[] sums = new double[COLORS.size()];
    for (int i = 0; i < length; i++) {
      sums[i % sums.length] += levels.get(from + i);
    }
    int strongest = 0;
    for (int color = 1; color < sums.length; color++) {
      if (sums[color] > sums[strongest]) {
        strongest = color;
      }
    }
    return strongest;
  }
}

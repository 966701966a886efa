package dev.sluice.worker.inference;

import static java.util.Objects.requireNonNull;

import dev.sluice.worker.inference.GraphSignature.TensorSignature;
import dev.sluice.worker.model.Output.NamedTensor;
import dev.sluice.worker.model.Pixels;
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
    for (int image = 0; image < images; image++) {
      colors.add(strongest(input.values(), image * length, length));
    }
    return answer(colors);
  }

  /** Reads the bytes where they are: a device that costs nothing is to be one. */
  @Override
  public GraphOutputs run(List<Pixels> images, Normalizer normalizer) {
    if (!normalizer.copiesBytes()) {
      return run(normalizer.tensor(images));
    }
    List<String> colors = new ArrayList<>(images.size());
    for (Pixels image : images) {
      colors.add(strongest(image.rgb()));
    }
    return answer(colors);
  }

  private GraphOutputs answer(List<String> colors) {
    ByteBuffer scores =
        ByteBuffer.allocate(colors.size() * COLORS.size() * Float.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    for (String strongest : colors) {
      for (String color : COLORS) {
        scores.putFloat(color.equals(strongest) ? SURE : UNLIKELY);
      }
    }
    device.call(colors);
    return new GraphOutputs(
        List.of(
            new NamedTensor(
                "probabilities",
                "FP32",
                List.of((long) colors.size(), (long) COLORS.size()),
                scores.flip())));
  }

  private static String strongest(FloatBuffer levels, int from, int length) {
    double red = 0;
    double green = 0;
    double blue = 0;
    for (int i = from; i < from + length; i += COLORS.size()) {
      red += levels.get(i);
      green += levels.get(i + 1);
      blue += levels.get(i + 2);
    }
    return strongest(red, green, blue);
  }

  private static String strongest(byte[] rgb) {
    long red = 0;
    long green = 0;
    long blue = 0;
    for (int i = 0; i < rgb.length; i += COLORS.size()) {
      red += Byte.toUnsignedInt(rgb[i]);
      green += Byte.toUnsignedInt(rgb[i + 1]);
      blue += Byte.toUnsignedInt(rgb[i + 2]);
    }
    return strongest((double) red, (double) green, (double) blue);
  }

  /** The first of those that are alike. */
  private static String strongest(double red, double green, double blue) {
    if (red >= green && red >= blue) {
      return COLORS.get(0);
    }
    return COLORS.get(green >= blue ? 1 : 2);
  }
}

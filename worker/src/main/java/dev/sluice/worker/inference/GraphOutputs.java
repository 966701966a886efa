package dev.sluice.worker.inference;

import dev.sluice.worker.model.Output.NamedTensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;

/**
 * What one run of a graph gave, batch dimension included, in the graph's own order. The memory is
 * the graph's: its next run writes there again.
 */
public record GraphOutputs(List<NamedTensor> tensors) {
  public GraphOutputs {
    tensors = List.copyOf(tensors);
  }

  /** The same in memory of their own, which stays as it is. */
  GraphOutputs copy() {
    return new GraphOutputs(tensors.stream().map(GraphOutputs::copy).toList());
  }

  private static NamedTensor copy(NamedTensor tensor) {
    return new NamedTensor(
        tensor.name(), tensor.datatype(), tensor.shape(), copy(tensor.data().duplicate()));
  }

  /** What is left in the buffer, in memory of its own, little-endian as tensors are. */
  static ByteBuffer copy(ByteBuffer data) {
    return ByteBuffer.allocate(data.remaining()).order(ByteOrder.LITTLE_ENDIAN).put(data).flip();
  }

  /**
   * The output of this name as floats: FP32 where it is, FP16 widened and so in memory of its own.
   *
   * @throws IllegalArgumentException when there is none, or its type is not a floating-point one
   */
  public FloatTensor floats(String name) {
    NamedTensor tensor =
        tensors.stream()
            .filter(candidate -> candidate.name().equals(name))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("the graph has no output " + name));
    ByteBuffer data = tensor.data().duplicate().order(ByteOrder.LITTLE_ENDIAN);
    return new FloatTensor(
        tensor.shape(),
        switch (tensor.datatype()) {
          case "FP32" -> data.asFloatBuffer();
          case "FP16" -> {
            float[] values = new float[data.remaining() / Short.BYTES];
            for (int i = 0; i < values.length; i++) {
              values[i] = Float.float16ToFloat(data.getShort());
            }
            yield FloatBuffer.wrap(values);
          }
          default ->
              throw new IllegalArgumentException(
                  "output " + name + " is " + tensor.datatype() + ", not FP32 or FP16");
        });
  }
}

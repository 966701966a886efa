package dev.sluice.worker.inference;

import dev.sluice.worker.model.Output.NamedTensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * What one run of a graph gave, batch dimension included, in the graph's own order. The memory is
 * its own: it stays valid after the next run.
 */
public record GraphOutputs(List<NamedTensor> tensors) {
  public GraphOutputs {
    tensors = List.copyOf(tensors);
  }

  /**
   * The output of this name as floats (FP32 as it is, FP16 widened).
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
          case "FP32" -> {
            float[] values = new float[data.remaining() / Float.BYTES];
            data.asFloatBuffer().get(values);
            yield values;
          }
          case "FP16" -> {
            float[] values = new float[data.remaining() / Short.BYTES];
            for (int i = 0; i < values.length; i++) {
              values[i] = Float.float16ToFloat(data.getShort());
            }
            yield values;
          }
          default ->
              throw new IllegalArgumentException(
                  "output " + name + " is " + tensor.datatype() + ", not FP32 or FP16");
        });
  }
}

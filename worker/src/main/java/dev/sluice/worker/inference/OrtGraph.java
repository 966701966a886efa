package dev.sluice.worker.inference;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.sluice.worker.model.Output.NamedTensor;
import dev.sluice.worker.model.Pixels;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * One lane's view of a loaded graph. The session is shared, the buffers are the lane's own: only
 * the lane's thread calls this, and the lane makes sure that nobody does after the session is
 * closed.
 *
 * <p>A graph that was exported for a fixed batch is run as often as the batch needs; what is
 * missing in the last run is filled with zeros and cut off the outputs.
 */
final class OrtGraph implements Graph {
  private final OrtModel model;
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final String inputName;

  /** The lane's thread only. */
  private final InputBuffer buffer;

  /** One image's numbers; the lane's thread only. */
  private float[] numbers = new float[0];

  OrtGraph(OrtModel model, OrtEnvironment environment, OrtSession session, InputBuffer buffer) {
    this.model = model;
    this.environment = environment;
    this.session = session;
    this.buffer = buffer;
    inputName = model.signature().inputs().getFirst().name();
  }

  @Override
  public GraphSignature signature() {
    return model.signature();
  }

  @Override
  public GraphOutputs run(FloatTensor input) {
    int rows = input.dimension(0);
    int length = rows == 0 ? 0 : input.values().length / rows;
    return runRows(input.shape(), length, row -> buffer.put(input.values(), row * length, length));
  }

  @Override
  public GraphOutputs run(List<Pixels> images, Normalizer normalizer) {
    Normalizer.requireOneSize(images);
    Pixels first = images.getFirst();
    int length = first.rgb().length;
    boolean bytes = signature().inputs().getFirst().datatype().equals("UINT8");
    IntConsumer write;
    if (bytes && normalizer.copiesBytes()) {
      write = row -> buffer.put(images.get(row).rgb());
    } else {
      if (numbers.length < length) {
        numbers = new float[length];
      }
      write =
          row -> {
            normalizer.write(images.get(row), numbers, 0);
            buffer.put(numbers, 0, length);
          };
    }
    return runRows(normalizer.shape(images.size(), first.width(), first.height()), length, write);
  }

  private GraphOutputs runRows(List<Long> shape, int length, IntConsumer writeRow) {
    int rows = Math.toIntExact(shape.getFirst());
    if (rows < 1) {
      throw new IllegalArgumentException("a run has at least one row: " + shape);
    }
    int fixed = model.fixedBatch();
    int perRun = fixed == Resize.DYNAMIC ? rows : fixed;
    long[] runShape = shape.stream().mapToLong(Long::longValue).toArray();
    runShape[0] = perRun;
    List<GraphOutputs> parts = new ArrayList<>();
    for (int from = 0; from < rows; from += perRun) {
      int count = Math.min(perRun, rows - from);
      buffer.clear(Math.multiplyExact(perRun, length));
      for (int row = from; row < from + count; row++) {
        writeRow.accept(row);
      }
      if (count < perRun) {
        buffer.pad();
      }
      parts.add(runOnce(runShape));
    }
    return rows == perRun ? parts.getFirst() : BatchParts.join(parts, perRun, rows);
  }

  private GraphOutputs runOnce(long[] shape) {
    try (OnnxTensor input = buffer.tensor(environment, shape);
        OrtSession.Result result = session.run(Map.of(inputName, input))) {
      List<NamedTensor> tensors = new ArrayList<>();
      for (Map.Entry<String, OnnxValue> output : result) {
        tensors.add(copy(output.getKey(), output.getValue()));
      }
      return new GraphOutputs(tensors);
    } catch (OrtException refused) {
      throw DeviceErrors.classified(
          "the model failed on input " + inputName + Arrays.toString(shape),
          String.valueOf(refused.getMessage()),
          refused);
    }
  }

  private static NamedTensor copy(String name, OnnxValue value) {
    if (!(value instanceof OnnxTensor tensor)) {
      throw new IllegalStateException("output " + name + " was a tensor when the model was loaded");
    }
    ByteBuffer data = tensor.getByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    return new NamedTensor(
        name,
        OrtModel.datatype(tensor.getInfo()),
        Arrays.stream(tensor.getInfo().getShape()).boxed().toList(),
        data);
  }
}

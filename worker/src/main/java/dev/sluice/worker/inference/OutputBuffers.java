package dev.sluice.worker.inference;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.TensorInfo;
import dev.sluice.worker.model.Output.NamedTensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * The memory outside the heap into which ONNX Runtime writes one graph's pinned outputs, one piece
 * for each output; a piece grows to its largest output and stays. Owned by one lane: one thread at
 * a time.
 */
final class OutputBuffers {
  private static final Set<OnnxJavaType> TYPES =
      EnumSet.of(
          OnnxJavaType.FLOAT,
          OnnxJavaType.FLOAT16,
          OnnxJavaType.DOUBLE,
          OnnxJavaType.INT64,
          OnnxJavaType.INT32,
          OnnxJavaType.INT8,
          OnnxJavaType.UINT8);

  private final Map<String, ByteBuffer> memory = new HashMap<>();

  /** Whether an output like this one can be written into memory of ours. */
  static boolean takes(TensorInfo info) {
    return TYPES.contains(info.type) && info.getNumElements() > 0;
  }

  /**
   * Makes room for an output like this one.
   *
   * @return whether other memory took the place of what there was: tensors made of that are written
   *     where nobody reads any more
   */
  boolean reserve(String name, TensorInfo info) {
    int size = size(info);
    ByteBuffer current = memory.get(name);
    if (current != null && size <= current.capacity()) {
      return false;
    }
    memory.put(name, ByteBuffer.allocateDirect(size).order(ByteOrder.LITTLE_ENDIAN));
    return current != null;
  }

  /** A tensor of that shape over the memory that has been reserved for it. */
  OnnxTensor tensor(OrtEnvironment environment, String name, TensorInfo info) throws OrtException {
    return OnnxTensor.createTensor(environment, view(name, info), info.getShape(), info.type);
  }

  /** What that tensor holds. */
  NamedTensor named(String name, TensorInfo info) {
    return new NamedTensor(
        name,
        OrtModel.datatype(info),
        Arrays.stream(info.getShape()).boxed().toList(),
        view(name, info));
  }

  private ByteBuffer view(String name, TensorInfo info) {
    ByteBuffer reserved = memory.get(name);
    if (reserved == null) {
      throw new IllegalStateException("no memory is reserved for output " + name);
    }
    return reserved.slice(0, size(info)).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static int size(TensorInfo info) {
    return Math.toIntExact(Math.multiplyExact(info.getNumElements(), (long) info.type.size));
  }
}

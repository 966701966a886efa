package dev.sluice.worker.inference;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The memory outside the heap from which ONNX Runtime reads one graph's input; it grows to the
 * largest batch and stays. Owned by one lane: one thread at a time. A tensor made of it reads the
 * same memory, so it is closed before the buffer is filled again.
 */
final class InputBuffer {
  private final OnnxJavaType type;

  /** Little-endian, whatever the machine: ONNX Runtime misreads anything else without a word. */
  private ByteBuffer memory = allocate(0);

  InputBuffer(OnnxJavaType type) {
    this.type = type;
  }

  /** Empties the buffer and makes room. */
  void clear(int numbers) {
    int bytes = Math.multiplyExact(numbers, type.size);
    if (memory.capacity() < bytes) {
      memory = allocate(bytes);
    }
    memory.clear().limit(bytes);
  }

  /** Appends numbers; for UINT8 they are rounded and held between 0 and 255. */
  void put(float[] values, int offset, int count) {
    switch (type) {
      case FLOAT -> {
        memory.asFloatBuffer().put(values, offset, count);
        memory.position(memory.position() + count * Float.BYTES);
      }
      case FLOAT16 -> {
        for (int i = offset; i < offset + count; i++) {
          memory.putShort(Float.floatToFloat16(values[i]));
        }
      }
      case UINT8 -> {
        for (int i = offset; i < offset + count; i++) {
          memory.put((byte) Math.clamp(Math.round(values[i]), 0, 255));
        }
      }
      default -> throw new IllegalStateException("no input of type " + type + " is let in");
    }
  }

  /** Appends bytes as they are, to a UINT8 input. */
  void put(byte[] bytes) {
    memory.put(bytes);
  }

  /** Fills what is left with zeros. */
  void pad() {
    memory.put(new byte[memory.remaining()]);
  }

  /** What has been put, as a tensor that reads this memory. */
  OnnxTensor tensor(OrtEnvironment environment, long[] shape) throws OrtException {
    ByteBuffer filled = memory.duplicate().order(ByteOrder.LITTLE_ENDIAN).flip();
    return OnnxTensor.createTensor(environment, filled, shape, type);
  }

  private static ByteBuffer allocate(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}

package dev.sluice.worker.inference;

import ai.onnxruntime.OnnxJavaType;
import dev.sluice.worker.model.Pixels;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;

/**
 * The memory outside the heap from which ONNX Runtime reads one graph's input; it grows to the
 * largest batch and stays. Owned by one lane: one thread at a time. A tensor made of it reads
 * whatever is written to it later.
 */
final class InputBuffer {
  private final OnnxJavaType type;

  // Three views of one memory, little-endian whatever the machine: ONNX Runtime misreads anything
  // else without a word.
  private ByteBuffer bytes = ByteBuffer.allocateDirect(0);
  private FloatBuffer floats = bytes.asFloatBuffer();
  private ShortBuffer halves = bytes.asShortBuffer();

  /** One row on its way to a type that is not FLOAT. */
  private FloatBuffer row = FloatBuffer.allocate(0);

  InputBuffer(OnnxJavaType type) {
    this.type = type;
  }

  OnnxJavaType type() {
    return type;
  }

  /**
   * Makes room.
   *
   * @return whether other memory took the place of what there was: tensors made of that read
   *     nothing new any more
   */
  boolean reserve(int numbers) {
    int size = Math.multiplyExact(numbers, type.size);
    if (size <= bytes.capacity()) {
      return false;
    }
    bytes = ByteBuffer.allocateDirect(size).order(ByteOrder.LITTLE_ENDIAN);
    floats = bytes.asFloatBuffer();
    halves = bytes.asShortBuffer();
    return true;
  }

  /** The memory of the first so many numbers. */
  ByteBuffer first(int numbers) {
    return bytes.slice(0, numbers * type.size).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Writes an image's numbers from {@code offset} on; to UINT8 rounded, from 0 to 255. */
  void write(int offset, Pixels image, Normalizer normalizer) {
    switch (type) {
      case FLOAT -> normalizer.write(image, floats, offset);
      case FLOAT16 -> normalizer.write(image, halves, offset);
      case UINT8 -> normalizer.write(image, bytes, offset);
      default -> throw unexpected();
    }
  }

  /** Writes bytes as they are, to UINT8. */
  void write(int offset, byte[] levels) {
    bytes.put(offset, levels);
  }

  /** Has a row of so many numbers written from {@code offset} on. */
  void write(int offset, int count, int index, Graph.RowWriter writer) {
    if (type == OnnxJavaType.FLOAT) {
      clear(offset, count);
      writer.write(index, floats.slice(offset, count));
      return;
    }
    if (row.capacity() < count) {
      row = FloatBuffer.allocate(count);
    }
    FloatBuffer numbers = row.slice(0, count);
    for (int i = 0; i < count; i++) {
      numbers.put(i, 0);
    }
    writer.write(index, numbers);
    switch (type) {
      case FLOAT16 -> {
        for (int i = 0; i < count; i++) {
          halves.put(offset + i, Float.floatToFloat16(numbers.get(i)));
        }
      }
      case UINT8 -> {
        for (int i = 0; i < count; i++) {
          bytes.put(offset + i, (byte) Math.clamp(Math.round(numbers.get(i)), 0, 255));
        }
      }
      default -> throw unexpected();
    }
  }

  /** Fills so many numbers with zeros. */
  void clear(int offset, int count) {
    int end = (offset + count) * type.size;
    int at = offset * type.size;
    for (; at + Long.BYTES <= end; at += Long.BYTES) {
      bytes.putLong(at, 0);
    }
    for (; at < end; at++) {
      bytes.put(at, (byte) 0);
    }
  }

  private IllegalStateException unexpected() {
    return new IllegalStateException("no input of type " + type + " is let in");
  }
}

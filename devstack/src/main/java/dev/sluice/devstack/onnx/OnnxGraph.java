package dev.sluice.devstack.onnx;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An ONNX model under construction, written as the ModelProto of
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto (IR version 8, operator set 13). Nodes are
 * added in the order in which they run. Not for more than one thread.
 *
 * <pre>{@code
 * new OnnxGraph("brightness")
 *     .input("image", ElementType.FLOAT, "N", 3, 32, 32)
 *     .node("ReduceMean", List.of("image"), List.of("mean"), Map.of("axes", List.of(1L, 2L, 3L), "keepdims", 0L))
 *     .output("mean", ElementType.FLOAT, "N")
 *     .write(Path.of("models/brightness/1/model.onnx"));
 * }</pre>
 */
public final class OnnxGraph {
  private static final long IR_VERSION = 8;
  private static final long OPERATOR_SET = 13;

  /** TensorProto.DataType. */
  public enum ElementType {
    FLOAT(1),
    UINT8(2),
    INT64(7),
    STRING(8),
    BOOL(9),
    FLOAT16(10),
    DOUBLE(11);

    private final int code;

    ElementType(int code) {
      this.code = code;
    }

    /** What a Cast node's attribute {@code to} takes. */
    public long code() {
      return code;
    }
  }

  private final String name;
  private final ProtobufWriter graph = new ProtobufWriter();
  private final Map<String, String> metadata = new LinkedHashMap<>();

  public OnnxGraph(String name) {
    this.name = requireNonNull(name, "name is null");
    graph.text(2, name);
  }

  /**
   * Declares an input.
   *
   * @param dimensions numbers for fixed dimensions, texts for dynamic ones
   */
  public OnnxGraph input(String name, ElementType type, Object... dimensions) {
    graph.message(11, valueInfo(name, type, dimensions));
    return this;
  }

  /** Declares an output; its dimensions are written as those of {@link #input}. */
  public OnnxGraph output(String name, ElementType type, Object... dimensions) {
    graph.message(12, valueInfo(name, type, dimensions));
    return this;
  }

  /** Adds a constant of floats. */
  public OnnxGraph floats(String name, List<Integer> shape, float... values) {
    ByteBuffer raw =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      raw.putFloat(value);
    }
    return constant(name, ElementType.FLOAT, shape, raw.array());
  }

  /** Adds a constant of 64-bit integers. */
  public OnnxGraph longs(String name, List<Integer> shape, long... values) {
    ByteBuffer raw = ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (long value : values) {
      raw.putLong(value);
    }
    return constant(name, ElementType.INT64, shape, raw.array());
  }

  /** Adds a node without attributes. */
  public OnnxGraph node(String operator, List<String> inputs, List<String> outputs) {
    return node(operator, inputs, outputs, Map.of());
  }

  /**
   * Adds a node.
   *
   * @param attributes Long, Float, or a List of Long by name
   */
  public OnnxGraph node(
      String operator, List<String> inputs, List<String> outputs, Map<String, ?> attributes) {
    ProtobufWriter node = new ProtobufWriter();
    inputs.forEach(input -> node.text(1, input));
    outputs.forEach(output -> node.text(2, output));
    node.text(4, operator);
    attributes.forEach((key, value) -> node.message(5, attribute(key, value)));
    graph.message(1, node);
    return this;
  }

  /** Adds an entry of the file's custom metadata. */
  public OnnxGraph metadata(String key, String value) {
    metadata.put(key, value);
    return this;
  }

  /** The model as the bytes of an .onnx file. */
  public byte[] toByteArray() {
    ProtobufWriter model =
        new ProtobufWriter()
            .integer(1, IR_VERSION)
            .text(2, "sluice-devstack")
            .message(7, graph)
            .message(8, new ProtobufWriter().text(1, "").integer(2, OPERATOR_SET));
    metadata.forEach(
        (key, value) -> model.message(14, new ProtobufWriter().text(1, key).text(2, value)));
    return model.toByteArray();
  }

  /** Writes the model, its folder too when there is none, and returns the file. */
  public Path write(Path file) throws IOException {
    Files.createDirectories(
        requireNonNull(file.toAbsolutePath().getParent(), "file has no folder"));
    return Files.write(file, toByteArray());
  }

  @Override
  public String toString() {
    return "OnnxGraph[" + name + "]";
  }

  private OnnxGraph constant(
      String name, ElementType type, List<Integer> shape, byte[] littleEndian) {
    ProtobufWriter tensor = new ProtobufWriter();
    shape.forEach(dimension -> tensor.integer(1, dimension));
    tensor.integer(2, type.code()).text(8, name).bytes(9, littleEndian);
    graph.message(5, tensor);
    return this;
  }

  private static ProtobufWriter valueInfo(String name, ElementType type, Object... dimensions) {
    ProtobufWriter shape = new ProtobufWriter();
    for (Object dimension : dimensions) {
      shape.message(
          1,
          dimension instanceof Number number
              ? new ProtobufWriter().integer(1, number.longValue())
              : new ProtobufWriter().text(2, dimension.toString()));
    }
    ProtobufWriter tensor = new ProtobufWriter().integer(1, type.code()).message(2, shape);
    return new ProtobufWriter().text(1, name).message(2, new ProtobufWriter().message(1, tensor));
  }

  private static ProtobufWriter attribute(String name, Object value) {
    ProtobufWriter attribute = new ProtobufWriter().text(1, name);
    switch (value) {
      case Float number -> attribute.float32(2, number).integer(20, 1);
      case Long number -> attribute.integer(3, number).integer(20, 2);
      case List<?> numbers -> {
        List<Object> all = new ArrayList<>(numbers);
        all.forEach(number -> attribute.integer(8, (Long) number));
        attribute.integer(20, 7);
      }
      default ->
          throw new IllegalArgumentException(
              "an attribute is a Long, a Float or a List of Long: " + value);
    }
    return attribute;
  }
}

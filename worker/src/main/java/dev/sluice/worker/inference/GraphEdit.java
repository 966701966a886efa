package dev.sluice.worker.inference;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnknownFieldSet.Field;
import dev.sluice.worker.inference.Normalizer.ColorOrder;
import dev.sluice.worker.inference.Normalizer.Layout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * Puts the normalisation of images into an ONNX model: its input of floating-point numbers becomes
 * one of bytes, [N, height, width, 3] in RGB as images are decoded, followed by the nodes that make
 * of them what the model was trained on. A quarter of the memory travels to the device, and nothing
 * but a copy is left for the worker.
 *
 * <p>Only the fields of onnx.proto that matter are looked at; all else is carried over as it is,
 * whatever version wrote it.
 */
final class GraphEdit {
  /** The new input. Nobody else calls a tensor that. */
  static final String INPUT = "sluice_image_bytes";

  private static final String PREFIX = "sluice_normalisation_";

  // Numbers of fields in onnx.proto.
  private static final int MODEL_GRAPH = 7;
  private static final int MODEL_OPERATOR_SETS = 8;
  private static final int OPERATOR_SET_DOMAIN = 1;
  private static final int OPERATOR_SET_VERSION = 2;
  private static final int GRAPH_NODE = 1;
  private static final int GRAPH_INITIALIZER = 5;
  private static final int GRAPH_INPUT = 11;
  private static final int VALUE_NAME = 1;
  private static final int VALUE_TYPE = 2;
  private static final int TYPE_TENSOR = 1;
  private static final int TENSOR_TYPE_ELEMENT = 1;
  private static final int TENSOR_TYPE_SHAPE = 2;
  private static final int SHAPE_DIMENSION = 1;
  private static final int NODE_INPUT = 1;
  private static final int NODE_OUTPUT = 2;
  private static final int NODE_OPERATOR = 4;
  private static final int NODE_ATTRIBUTE = 5;
  private static final int ATTRIBUTE_NAME = 1;
  private static final int ATTRIBUTE_INT = 3;
  private static final int ATTRIBUTE_TENSOR = 5;
  private static final int ATTRIBUTE_INTS = 8;
  private static final int ATTRIBUTE_TYPE = 20;
  private static final int TENSOR_DIMENSIONS = 1;
  private static final int TENSOR_ELEMENT = 2;
  private static final int TENSOR_RAW_DATA = 9;
  private static final int TENSOR_DATA_LOCATION = 14;

  // AttributeProto.AttributeType and TensorProto.DataType.
  private static final long TYPE_INT = 2;
  private static final long TYPE_TENSOR_VALUE = 4;
  private static final long TYPE_INTS = 7;
  private static final long FLOAT = 1;
  private static final long UINT8 = 2;
  private static final long INT64 = 7;
  private static final long FLOAT16 = 10;

  /** Since this one operators broadcast as they do today. */
  private static final long LEAST_OPERATOR_SET = 7;

  private GraphEdit() {}

  /**
   * The model with the normalisation inside.
   *
   * @param model the bytes of an .onnx file
   * @param input the name of its one input, FP32 or FP16, [N, 3, H, W] or [N, H, W, 3]
   * @return empty when it cannot be done: the model keeps its weights in other files, or is written
   *     for operators that are too old, or its input is something else
   */
  static Optional<byte[]> withNormalization(byte[] model, String input, Normalizer normalizer) {
    try {
      UnknownFieldSet parsed = UnknownFieldSet.parseFrom(model);
      Field graphs = parsed.getField(MODEL_GRAPH);
      if (graphs.getLengthDelimitedList().size() != 1 || operatorSet(parsed) < LEAST_OPERATOR_SET) {
        return Optional.empty();
      }
      UnknownFieldSet graph = message(graphs.getLengthDelimitedList().getFirst());
      if (hasWeightsElsewhere(graph)) {
        return Optional.empty();
      }
      return edited(graph, input, normalizer)
          .map(changed ->
              parsed.toBuilder()
                  .clearField(MODEL_GRAPH)
                  .addField(MODEL_GRAPH, bytes(changed.toByteString()))
                  .build()
                  .toByteArray());
    } catch (InvalidProtocolBufferException broken) {
      // ONNX Runtime has loaded it: it is written in a way that we do not know.
      return Optional.empty();
    }
  }

  private static Optional<UnknownFieldSet> edited(
      UnknownFieldSet graph, String input, Normalizer normalizer)
      throws InvalidProtocolBufferException {
    Field.Builder inputs = Field.newBuilder();
    long element = 0;
    for (ByteString value : graph.getField(GRAPH_INPUT).getLengthDelimitedList()) {
      UnknownFieldSet parsed = message(value);
      if (text(parsed, VALUE_NAME).equals(input)) {
        UnknownFieldSet tensor = message(message(only(parsed, VALUE_TYPE)), TYPE_TENSOR);
        element = tensor.getField(TENSOR_TYPE_ELEMENT).getVarintList().getFirst();
        List<ByteString> shape =
            message(tensor, TENSOR_TYPE_SHAPE).getField(SHAPE_DIMENSION).getLengthDelimitedList();
        if (shape.size() != 4 || (element != FLOAT && element != FLOAT16)) {
          return Optional.empty();
        }
        inputs.addLengthDelimited(newInput(shape, normalizer.layout()).toByteString());
      } else {
        inputs.addLengthDelimited(value);
      }
    }
    if (element == 0) {
      return Optional.empty();
    }
    Field nodes = nodes(input, element, normalizer).mergeFrom(graph.getField(GRAPH_NODE)).build();
    return Optional.of(
        graph.toBuilder()
            .clearField(GRAPH_INPUT)
            .addField(GRAPH_INPUT, inputs.build())
            .clearField(GRAPH_NODE)
            .addField(GRAPH_NODE, nodes)
            .build());
  }

  private static UnknownFieldSet newInput(List<ByteString> shape, Layout layout) {
    List<Integer> order = layout == Layout.NCHW ? List.of(0, 2, 3, 1) : List.of(0, 1, 2, 3);
    Field.Builder dimensions = Field.newBuilder();
    order.forEach(axis -> dimensions.addLengthDelimited(shape.get(axis)));
    UnknownFieldSet tensor =
        set()
            .addField(TENSOR_TYPE_ELEMENT, number(UINT8))
            .addField(TENSOR_TYPE_SHAPE, bytes(set().addField(SHAPE_DIMENSION, dimensions.build())))
            .build();
    return set()
        .addField(VALUE_NAME, text(INPUT))
        .addField(VALUE_TYPE, bytes(set().addField(TYPE_TENSOR, bytes(tensor.toByteString()))))
        .build();
  }

  /** Bytes are moved before they become numbers of four bytes. */
  private static Field.Builder nodes(String output, long element, Normalizer normalizer) {
    boolean planes = normalizer.layout() == Layout.NCHW;
    Field.Builder nodes = Field.newBuilder();
    String last = INPUT;
    if (normalizer.color() == ColorOrder.BGR) {
      ByteBuffer indices = ByteBuffer.allocate(3 * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      indices.putLong(2).putLong(1).putLong(0);
      constant(nodes, "order", INT64, List.of(3L), indices.array());
      last = node(nodes, "Gather", "ordered", List.of(last, PREFIX + "order"), integer("axis", 3));
    }
    if (planes) {
      Field permutation =
          bytes(
              set()
                  .addField(ATTRIBUTE_NAME, text("perm"))
                  .addField(ATTRIBUTE_TYPE, number(TYPE_INTS))
                  .addField(ATTRIBUTE_INTS, numbers(0, 3, 1, 2)));
      last = node(nodes, "Transpose", "planes", List.of(last), permutation);
    }
    last = node(nodes, "Cast", "levels", List.of(last), integer("to", FLOAT));
    List<Long> shape = planes ? List.of(1L, 3L, 1L, 1L) : List.of(1L, 1L, 1L, 3L);
    constant(nodes, "factor", FLOAT, shape, floats(normalizer.factors()));
    constant(nodes, "offset", FLOAT, shape, floats(normalizer.offsets()));
    last = node(nodes, "Mul", "scaled", List.of(last, PREFIX + "factor"));
    last = node(nodes, "Add", "shifted", List.of(last, PREFIX + "offset"));
    // To the type of the old input, and to its name.
    addNode(nodes, "Cast", output, List.of(last), integer("to", element));
    return nodes;
  }

  private static void constant(
      Field.Builder nodes, String name, long element, List<Long> shape, byte[] littleEndian) {
    Field tensor =
        bytes(
            set()
                .addField(
                    TENSOR_DIMENSIONS, numbers(shape.stream().mapToLong(Long::longValue).toArray()))
                .addField(TENSOR_ELEMENT, number(element))
                .addField(
                    TENSOR_RAW_DATA,
                    Field.newBuilder()
                        .addLengthDelimited(ByteString.copyFrom(littleEndian))
                        .build()));
    Field value =
        bytes(
            set()
                .addField(ATTRIBUTE_NAME, text("value"))
                .addField(ATTRIBUTE_TYPE, number(TYPE_TENSOR_VALUE))
                .addField(ATTRIBUTE_TENSOR, tensor));
    String _ = node(nodes, "Constant", name, List.of(), value);
  }

  private static String node(
      Field.Builder nodes, String operator, String name, List<String> inputs, Field... attributes) {
    addNode(nodes, operator, PREFIX + name, inputs, attributes);
    return PREFIX + name;
  }

  private static void addNode(
      Field.Builder nodes,
      String operator,
      String output,
      List<String> inputs,
      Field... attributes) {
    UnknownFieldSet.Builder node = set();
    inputs.forEach(input -> node.mergeField(NODE_INPUT, text(input)));
    node.addField(NODE_OUTPUT, text(output)).addField(NODE_OPERATOR, text(operator));
    for (Field attribute : attributes) {
      node.mergeField(NODE_ATTRIBUTE, attribute);
    }
    nodes.addLengthDelimited(node.build().toByteString());
  }

  private static Field integer(String name, long value) {
    return bytes(
        set()
            .addField(ATTRIBUTE_NAME, text(name))
            .addField(ATTRIBUTE_TYPE, number(TYPE_INT))
            .addField(ATTRIBUTE_INT, number(value)));
  }

  /** Of ONNX's own operators. */
  private static long operatorSet(UnknownFieldSet model) throws InvalidProtocolBufferException {
    for (ByteString set : model.getField(MODEL_OPERATOR_SETS).getLengthDelimitedList()) {
      UnknownFieldSet parsed = message(set);
      List<Long> version = parsed.getField(OPERATOR_SET_VERSION).getVarintList();
      String domain = text(parsed, OPERATOR_SET_DOMAIN);
      if ((domain.isEmpty() || domain.equals("ai.onnx")) && !version.isEmpty()) {
        return version.getLast();
      }
    }
    return 0;
  }

  private static boolean hasWeightsElsewhere(UnknownFieldSet graph)
      throws InvalidProtocolBufferException {
    for (ByteString tensor : graph.getField(GRAPH_INITIALIZER).getLengthDelimitedList()) {
      if (message(tensor).hasField(TENSOR_DATA_LOCATION)) {
        return true;
      }
    }
    return false;
  }

  private static UnknownFieldSet message(ByteString bytes) throws InvalidProtocolBufferException {
    return UnknownFieldSet.parseFrom(bytes);
  }

  private static UnknownFieldSet message(UnknownFieldSet parent, int field)
      throws InvalidProtocolBufferException {
    return message(only(parent, field));
  }

  /** The last one counts, as protobuf has it; empty when there is none. */
  private static ByteString only(UnknownFieldSet parent, int field) {
    List<ByteString> values = parent.getField(field).getLengthDelimitedList();
    return values.isEmpty() ? ByteString.EMPTY : values.getLast();
  }

  private static String text(UnknownFieldSet parent, int field) {
    return only(parent, field).toStringUtf8();
  }

  private static UnknownFieldSet.Builder set() {
    return UnknownFieldSet.newBuilder();
  }

  private static Field text(String text) {
    return bytes(ByteString.copyFromUtf8(text));
  }

  private static Field bytes(UnknownFieldSet.Builder message) {
    return bytes(message.build().toByteString());
  }

  private static Field bytes(ByteString bytes) {
    return Field.newBuilder().addLengthDelimited(bytes).build();
  }

  private static Field number(long number) {
    return Field.newBuilder().addVarint(number).build();
  }

  private static Field numbers(long... numbers) {
    Field.Builder field = Field.newBuilder();
    LongStream.of(numbers).forEach(field::addVarint);
    return field.build();
  }

  private static byte[] floats(double[] values) {
    ByteBuffer raw =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (double value : values) {
      raw.putFloat((float) value);
    }
    return raw.array();
  }
}

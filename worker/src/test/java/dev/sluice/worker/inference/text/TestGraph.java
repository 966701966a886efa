package dev.sluice.worker.inference.text;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.sluice.worker.inference.FloatTensor;
import dev.sluice.worker.inference.Graph;
import dev.sluice.worker.inference.GraphOutputs;
import dev.sluice.worker.inference.GraphSignature;
import dev.sluice.worker.inference.GraphSignature.TensorSignature;
import dev.sluice.worker.inference.OnnxMetadata;
import dev.sluice.worker.model.Output.NamedTensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** A real model of one input and one output, run the plainest way. */
final class TestGraph implements Graph, AutoCloseable {
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;
  private final GraphSignature signature;

  TestGraph(Path file) throws OrtException, IOException {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      session = environment.createSession(file.toString(), options);
    }
    signature =
        new GraphSignature(
            tensors(session.getInputInfo()),
            tensors(session.getOutputInfo()),
            OnnxMetadata.read(file));
  }

  private static List<TensorSignature> tensors(Map<String, NodeInfo> nodes) {
    return nodes.values().stream()
        .map(node ->
            new TensorSignature(
                node.getName(), "FP32", shape(((TensorInfo) node.getInfo()).getShape())))
        .toList();
  }

  private static List<Long> shape(long[] dimensions) {
    return Arrays.stream(dimensions).boxed().toList();
  }

  @Override
  public GraphSignature signature() {
    return signature;
  }

  @Override
  public GraphOutputs run(FloatTensor input) {
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(input.values().length * Float.BYTES)
            .order(ByteOrder.nativeOrder());
    bytes.asFloatBuffer().put(input.values());
    long[] shape = input.shape().stream().mapToLong(Long::longValue).toArray();
    String name = signature.inputs().getFirst().name();
    try (OnnxTensor tensor = OnnxTensor.createTensor(environment, bytes.asFloatBuffer(), shape);
        OrtSession.Result result = session.run(Map.of(name, tensor))) {
      OnnxTensor output = (OnnxTensor) result.get(0);
      ByteBuffer data = output.getByteBuffer();
      ByteBuffer copy = ByteBuffer.allocate(data.remaining()).put(data).flip();
      return new GraphOutputs(
          List.of(
              new NamedTensor(
                  signature.outputs().getFirst().name(),
                  "FP32",
                  shape(output.getInfo().getShape()),
                  copy)));
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() throws OrtException {
    session.close();
  }
}

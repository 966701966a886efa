package dev.sluice.worker.inference;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.util.Map;

/**
 * A session and nothing else: one input that never changes, outputs that nobody reads. What a lane
 * is measured against. One thread at a time; close it before its model.
 */
final class RawRun implements AutoCloseable {
  private final OrtSession session;
  private final Map<String, OnnxTensor> inputs;

  RawRun(OrtSession session, String inputName, OnnxTensor input) {
    this.session = session;
    inputs = Map.of(inputName, input);
  }

  void run() throws OrtException {
    session.run(inputs).close();
  }

  @Override
  public void close() {
    inputs.values().forEach(OnnxTensor::close);
  }
}

package dev.sluice.worker.inference;

import ai.onnxruntime.OrtEnvironment;
import dev.sluice.worker.model.NativeEnvironment;

/**
 * Loads ONNX Runtime with its telemetry off. Since 1.29.0 the library for Linux reports to its
 * maker unless {@code ORT_DISABLE_TELEMETRY} is set, and while it prepares the first report it runs
 * a recursive regular expression over the process's command line: one of some four thousand
 * characters (a class path, say) overflows the stack and ends the JVM without a word. {@code
 * OrtEnvironment.setTelemetry} comes too late for that. Any thread may use this.
 */
final class OnnxRuntimeLibrary {
  static {
    NativeEnvironment.set("ORT_DISABLE_TELEMETRY", "1");
  }

  private OnnxRuntimeLibrary() {}

  /** The process's one environment; loads the library when first called. */
  static OrtEnvironment environment() {
    return OrtEnvironment.getEnvironment();
  }
}

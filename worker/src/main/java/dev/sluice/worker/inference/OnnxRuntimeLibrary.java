package dev.sluice.worker.inference;

import ai.onnxruntime.OrtEnvironment;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Loads ONNX Runtime with its telemetry off. Since 1.29.0 the library for Linux reports to its
 * maker unless {@code ORT_DISABLE_TELEMETRY} is set, and while it prepares the first report it runs
 * a recursive regular expression over the process's command line: one of some four thousand
 * characters (a class path, say) overflows the stack and ends the JVM without a word. {@code
 * OrtEnvironment.setTelemetry} comes too late for that.
 *
 * <p>Java cannot change the environment of its own process. C can: {@code setenv} is called through
 * java.lang.foreign before the library is loaded. Any thread may use this.
 */
final class OnnxRuntimeLibrary {
  static {
    disableTelemetry();
  }

  private OnnxRuntimeLibrary() {}

  /** The process's one environment; loads the library when first called. */
  static OrtEnvironment environment() {
    return OrtEnvironment.getEnvironment();
  }

  @SuppressWarnings("restricted")
  private static void disableTelemetry() {
    Linker linker = Linker.nativeLinker();
    MemorySegment function = linker.defaultLookup().findOrThrow("setenv");
    MethodHandle setenv =
        linker.downcallHandle(
            function,
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_INT));
    try (Arena arena = Arena.ofConfined()) {
      int result =
          (int)
              setenv.invokeExact(
                  arena.allocateFrom("ORT_DISABLE_TELEMETRY"), arena.allocateFrom("1"), 1);
      if (result != 0) {
        throw new IllegalStateException("setenv refused ORT_DISABLE_TELEMETRY");
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("setenv cannot be called", e);
    }
  }
}

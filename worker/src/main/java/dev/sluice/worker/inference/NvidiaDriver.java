package dev.sluice.worker.inference;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.List;

/**
 * Asks the driver itself which devices there are (CUDA driver API, cuInit and cuDeviceGetCount):
 * ONNX Runtime only finds out when it loads a model, and does not say how many there are.
 */
final class NvidiaDriver {
  /** What the driver installs; no part of CUDA's toolkit. */
  private static final String LIBRARY = "libcuda.so.1";

  // CUresult.
  private static final int SUCCESS = 0;
  private static final int NO_DEVICE = 100;

  private NvidiaDriver() {}

  /** What keeps the device of this index from being there, and what to do; empty when nothing. */
  @SuppressWarnings("restricted") // Loads a library and calls it: that is what this is for.
  static List<String> problems(int index) {
    SymbolLookup driver;
    try {
      driver = SymbolLookup.libraryLookup(LIBRARY, Arena.global());
    } catch (IllegalArgumentException missing) {
      return List.of(
          LIBRARY
              + " is missing: no NVIDIA driver is installed here (a container gets the host's with"
              + " --gpus all, a pod with the resource nvidia.com/gpu)");
    }
    try (Arena arena = Arena.ofConfined()) {
      Linker linker = Linker.nativeLinker();
      MethodHandle init =
          linker.downcallHandle(
              driver.findOrThrow("cuInit"),
              FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
      MethodHandle count =
          linker.downcallHandle(
              driver.findOrThrow("cuDeviceGetCount"),
              FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS));
      int started = (int) init.invokeExact(0);
      if (started != SUCCESS) {
        return List.of(notStarted(started));
      }
      MemorySegment devices = arena.allocate(ValueLayout.JAVA_INT);
      int counted = (int) count.invokeExact(devices);
      return counted == SUCCESS
          ? missing(index, devices.get(ValueLayout.JAVA_INT, 0))
          : List.of("the NVIDIA driver cannot count its devices: error " + counted);
    } catch (Throwable broken) {
      // MethodHandle.invokeExact declares it; the calls themselves throw nothing.
      throw new IllegalStateException("cannot call " + LIBRARY, broken);
    }
  }

  static String notStarted(int error) {
    return error == NO_DEVICE
        ? "the NVIDIA driver finds no device; see nvidia-smi and CUDA_VISIBLE_DEVICES"
        : "the NVIDIA driver does not start: error %d; see nvidia-smi".formatted(error);
  }

  static List<String> missing(int index, int count) {
    return index < count
        ? List.of()
        : List.of(
            "there is no device %d: the driver has %d, counted from 0; see nvidia-smi -L"
                .formatted(index, count));
  }
}

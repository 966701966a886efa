package dev.sluice.worker.inference;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where a model runs, as {@code device} in model.yaml says it. */
sealed interface Device {
  Pattern NVIDIA = Pattern.compile("(cuda|tensorrt)(?::(\\d{1,3}))?");

  /** The processor. */
  record Cpu() implements Device {
    @Override
    public String toString() {
      return "cpu";
    }
  }

  /** An NVIDIA device, through ONNX Runtime's CUDA provider or its TensorRT one. */
  sealed interface Nvidia extends Device {
    /** As CUDA counts. */
    int index();
  }

  /** Runs on the CUDA provider. */
  record Cuda(int index) implements Nvidia {
    @Override
    public String toString() {
      return "cuda:" + index;
    }
  }

  /** Runs on engines that TensorRT builds, what it cannot take on the CUDA provider. */
  record TensorRt(int index) implements Nvidia {
    @Override
    public String toString() {
      return "tensorrt:" + index;
    }
  }

  /** The first NVIDIA device when it can be used, else the processor: {@link Devices#chosen}. */
  record Auto() implements Device {
    @Override
    public String toString() {
      return "auto";
    }
  }

  /** No device at all, for tests and benchmarks: see {@link SimulatedDevice}. */
  record Simulated() implements Device {
    @Override
    public String toString() {
      return "simulated";
    }
  }

  /**
   * Reads "cpu", "cuda" (the first), "cuda:N", "tensorrt", "tensorrt:N", "auto" or "simulated".
   *
   * @throws IllegalArgumentException when it is none of them
   */
  static Device parse(String text) {
    return switch (text) {
      case "cpu" -> new Cpu();
      case "auto" -> new Auto();
      case "simulated" -> new Simulated();
      default -> nvidia(text);
    };
  }

  private static Device nvidia(String text) {
    Matcher nvidia = NVIDIA.matcher(text);
    if (!nvidia.matches()) {
      throw new IllegalArgumentException(
          "expected cpu, cuda, cuda:N, tensorrt, tensorrt:N, auto or simulated, not " + text);
    }
    int index = nvidia.group(2) == null ? 0 : Integer.parseInt(nvidia.group(2));
    return nvidia.group(1).equals("cuda") ? new Cuda(index) : new TensorRt(index);
  }
}

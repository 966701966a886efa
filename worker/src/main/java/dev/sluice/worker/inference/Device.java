package dev.sluice.worker.inference;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where a model runs, as {@code device} in model.yaml says it. */
sealed interface Device {
  Pattern CUDA = Pattern.compile("cuda(?::(\\d{1,3}))?");

  /** The processor. */
  record Cpu() implements Device {
    @Override
    public String toString() {
      return "cpu";
    }
  }

  /** An NVIDIA device by its index as CUDA counts. */
  record Cuda(int index) implements Device {
    @Override
    public String toString() {
      return "cuda:" + index;
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
   * Reads "cpu", "cuda" (the first), "cuda:N" or "simulated".
   *
   * @throws IllegalArgumentException when it is none of them
   */
  static Device parse(String text) {
    if (text.equals("cpu")) {
      return new Cpu();
    }
    if (text.equals("simulated")) {
      return new Simulated();
    }
    Matcher cuda = CUDA.matcher(text);
    if (cuda.matches()) {
      return new Cuda(cuda.group(1) == null ? 0 : Integer.parseInt(cuda.group(1)));
    }
    throw new IllegalArgumentException("expected cpu, cuda, cuda:N or simulated, not " + text);
  }
}
